import type { JetStreamManager, StoredMsg } from "@nats-io/jetstream";
import { isClosed } from "./api-error.ts";
import { backoff, type Deadline } from "./backoff.ts";
import { errorText } from "./log.ts";
import type { StoredMessage } from "./message.ts";
import { StreamsUnavailable } from "./unavailable.ts";

/** Reads from a stream's leader ($JS.API.STREAM.MSG.GET): a direct get may come from a follower that lags behind. */
export interface Leader {
  /** The last message whose subject matches `filter`. */
  last(filter: string, deadline: Deadline): Promise<StoredMessage | undefined>;
  /** Every message that matches `filter`, oldest first, one request each: for subjects that hold few. */
  each(filter: string, deadline: Deadline): AsyncGenerator<StoredMessage>;
}

/** `mend` is told of every refusal. */
export function leaderOf(jsm: JetStreamManager, stream: string, mend?: (error: unknown) => void): Leader {
  const get = (query: Parameters<typeof jsm.streams.getMessage>[1], deadline: Deadline) =>
    persistently(deadline, `read from ${stream}`, () => jsm.streams.getMessage(stream, query), mend);
  return {
    async last(filter, deadline) {
      const found = await get({ last_by_subj: filter }, deadline);
      return found === null ? undefined : storedMessage(found);
    },
    async *each(filter, deadline) {
      for (let seq = 1; ; ) {
        const next = { seq, next_by_subj: filter };
        const found = await get(next, deadline);
        if (found === null) return;
        yield storedMessage(found);
        seq = found.seq + 1;
      }
    },
  };
}

export function storedMessage({ subject, seq, timestamp, header, data }: StoredMsg): StoredMessage {
  return { subject, seq, time: timestamp, header: (name) => header?.last(name) ?? "", data };
}

/** Repeats `work` until it succeeds; `StreamsUnavailable` when the deadline is over, at once where the connection is closed. */
async function persistently<T>(
  deadline: Deadline,
  what: string,
  work: () => Promise<T>,
  mend: ((error: unknown) => void) | undefined,
): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (isClosed(error)) throw error;
      mend?.(error);
      if (deadline.over) throw new StreamsUnavailable(`NATS: could not ${what}: ${errorText(error)}`, { cause: error });
    }
    await backoff(tries);
  }
}
