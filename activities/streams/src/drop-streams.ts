import { JetStreamApiCodes, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { installationNames } from "@slipway/dag";
import { hasCode } from "./api-error.ts";

/**
 * Deletes an installation's streams and its bucket, with all they hold, and gives back the room they reserve: for tests
 * and for an installation that is taken down. What is not there is no error.
 */
export async function dropStreams(nc: NatsConnection, installation: string): Promise<void> {
  const { logStream, eventStream, dagBucket } = installationNames(installation);
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  // ADR-8: a bucket is the stream KV_<bucket>.
  for (const stream of [logStream, eventStream, `KV_${dagBucket}`]) {
    try {
      await jsm.streams.delete(stream);
    } catch (error) {
      if (!hasCode(error, JetStreamApiCodes.StreamNotFound)) throw error;
    }
  }
}
