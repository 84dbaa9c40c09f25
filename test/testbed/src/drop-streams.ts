import { JetStreamApiCodes, JetStreamApiError, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { installationNames } from "@slipway/dag";

/**
 * Deletes an installation's streams and its bucket and gives back the room they reserve, so that many fleets fit on one
 * server. What is not there is no error.
 */
export async function dropStreams(nc: NatsConnection, installation: string): Promise<void> {
  const { logStream, eventStream, dagBucket, outputBucket } = installationNames(installation);
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  // NATS' ADR-8 and ADR-20: a bucket is the stream KV_<bucket> or OBJ_<bucket>.
  for (const stream of [logStream, eventStream, `KV_${dagBucket}`, `OBJ_${outputBucket}`]) {
    try {
      await jsm.streams.delete(stream);
    } catch (error) {
      if (!(error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound)) throw error;
    }
  }
}
