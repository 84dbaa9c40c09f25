import { JetStreamApiCodes, JetStreamApiError, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { installationNames } from "@slipway/dag";

/**
 * Deletes an installation's streams and its bucket and gives back the room they reserve, so that many fleets fit on one
 * server. What is not there is no error.
 */
export async function dropStreams(nc: NatsConnection, installation: string): Promise<void> {
  const { logStream, eventStream, dagBucket } = installationNames(installation);
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  // ADR-8: a bucket is the stream KV_<bucket>.
  for (const stream of [logStream, eventStream, `KV_${dagBucket}`]) {
    try {
      await jsm.streams.delete(stream);
    } catch (error) {
      if (!(error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound)) throw error;
    }
  }
}
