import { JetStreamApiCodes, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { problem, SlipwayError } from "@slipway/dag";
import { hasCode } from "./api-error.ts";
import { FRAME_HEADERS } from "./frame.ts";
import { fromHeaderText } from "./header-text.ts";
import { patiently } from "./patiently.ts";

/**
 * The chain of the newest message of `filter`: where a workflow id is used again, the run that uses it now. undefined:
 * there is none yet. Throws `SlipwayError` (streams-missing), `StreamsUnavailable`.
 */
export async function newestChain(nc: NatsConnection, stream: string, filter: string): Promise<string | undefined> {
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const last = await patiently(undefined, async () => {
    try {
      return await jsm.streams.getMessage(stream, { last_by_subj: filter });
    } catch (error) {
      if (hasCode(error, JetStreamApiCodes.StreamNotFound)) throw missing(stream);
      throw error;
    }
  });
  return fromHeaderText(last?.header?.last(FRAME_HEADERS.chain) ?? "") || undefined;
}

function missing(stream: string): SlipwayError {
  return new SlipwayError([problem("streams-missing", `NATS has no stream ${stream}`)]);
}
