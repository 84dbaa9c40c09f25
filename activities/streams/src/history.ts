import type { JetStreamManager, StoredMsg } from "@nats-io/jetstream";
import { isNothingThere } from "./api-error.ts";
import { storedMessage } from "./leader.ts";
import type { StoredMessage } from "./message.ts";

const PAGE_MESSAGES = 256;
const PAGE_BYTES = 1024 * 1024;
const PAGE_MS = 5_000;

/** One page of what a stream holds. */
export interface Page {
  readonly messages: readonly StoredMessage[];
  /** True: there was nothing behind these when the server answered. */
  readonly last: boolean;
}

/**
 * Messages of `filter` from sequence `from` on, by one direct get batch: no consumer is made, so any number may read.
 * Rejects after 5 s without an end, as when the connection broke in the middle, or where there is no such stream.
 */
export async function readPage(jsm: JetStreamManager, stream: string, filter: string, from: number): Promise<Page> {
  const messages: StoredMessage[] = [];
  let previous = 0;
  let pending = 0;
  let broken = false;
  const outcome = Promise.withResolvers<void>();
  const batch = await jsm.direct.getBatch(stream, {
    seq: from,
    next_by_subj: filter,
    batch: PAGE_MESSAGES,
    max_bytes: PAGE_BYTES,
    callback: (done, message: StoredMsg) => {
      if (done !== null) return done.err === undefined ? outcome.resolve() : outcome.reject(done.err);
      // Each names the one before it: nothing acknowledges a batch, so a hole would go unseen.
      broken ||= message.lastSequence !== previous;
      if (broken) return;
      messages.push(storedMessage(message));
      previous = message.seq;
      pending = message.pending;
    },
  });
  const timer = setTimeout(
    () => outcome.reject(new Error(`no answer from stream ${stream} in ${PAGE_MS} ms`)),
    PAGE_MS,
  );
  try {
    await outcome.promise;
    return { messages, last: pending === 0 && !broken };
  } catch (error) {
    if (isNothingThere(error)) return { messages: [], last: true };
    throw error;
  } finally {
    clearTimeout(timer);
    batch.stop();
  }
}
