import { JetStreamApiCodes, JetStreamApiError, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { EVENT_TYPES, installationNames } from "@slipway/dag";
import { eventDataProblem } from "@slipway/dag/event-data";

/** Of all events that an installation has published, those whose body is not what the published schema says. */
export async function strangeEvents(nc: NatsConnection, installation: string): Promise<readonly string[]> {
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const stream = installationNames(installation).eventStream;
  const strange: string[] = [];
  for (let seq = 1; ; seq += 1) {
    const query = { seq, next_by_subj: `${installation}.event.>` };
    const found = await jsm.streams.getMessage(stream, query).catch((error: unknown) => {
      if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return null;
      throw error;
    });
    if (found === null) return strange;
    seq = found.seq;
    const type = found.subject.split(".").slice(-2).join(".");
    const known = EVENT_TYPES.find((each) => each === type);
    const problem = known === undefined ? "no such type" : eventDataProblem(known, found.json());
    if (problem !== undefined) strange.push(`${found.subject} ${found.string()}: ${problem}`);
  }
}
