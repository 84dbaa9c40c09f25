import { JetStreamApiCodes, type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { problem, SlipwayError } from "@slipway/dag";
import { hasCode, isNothingThere } from "./api-error.ts";
import { type Page, readPage } from "./history.ts";
import { storedMessage } from "./leader.ts";
import type { StoredMessage } from "./message.ts";
import { patiently } from "./patiently.ts";

/**
 * Looks messages up in one stream, for a reader. Each request is repeated for 30 s (`StreamsUnavailable`), or until the
 * signal; a stream that is not there is `SlipwayError` (streams-missing). Single messages come from the leader, which
 * lags behind nobody; pages, and what stands before a message, from any replica.
 */
export interface Finder {
  last(filter: string): Promise<StoredMessage | undefined>;
  /** The first one at or behind a sequence. */
  next(filter: string, seq: number): Promise<StoredMessage | undefined>;
  /** The first one that was stored at or after a time. */
  since(filter: string, time: Date): Promise<StoredMessage | undefined>;
  /** The last one of a subject before a sequence. */
  before(subject: string, seq: number): Promise<StoredMessage | undefined>;
  page(filter: string, seq: number): Promise<Page>;
  subjects(filter: string): Promise<readonly string[]>;
}

export async function finderOf(nc: NatsConnection, stream: string, signal?: AbortSignal): Promise<Finder> {
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const ask = <T>(work: () => Promise<T>): Promise<T> => patiently(signal, () => named(stream, work));
  const get = async (query: Parameters<typeof jsm.streams.getMessage>[1]) => {
    const found = await ask(() => jsm.streams.getMessage(stream, query));
    return found === null ? undefined : storedMessage(found);
  };
  return {
    last: (filter) => get({ last_by_subj: filter }),
    next: (filter, seq) => {
      const query = { seq, next_by_subj: filter };
      return get(query);
    },
    since: (filter, time) => {
      const query = { seq: 0, start_time: time.toISOString(), next_by_subj: filter };
      return get(query);
    },
    before: (subject, seq) =>
      seq <= 1 ? Promise.resolve(undefined) : ask(() => lastBefore(jsm, stream, subject, seq)),
    page: (filter, seq) => ask(() => readPage(jsm, stream, filter, seq)),
    subjects: async (filter) => {
      const { state } = await ask(() => jsm.streams.info(stream, { subjects_filter: filter }));
      return Object.keys(state.subjects ?? {});
    },
  };
}

async function lastBefore(
  jsm: JetStreamManager,
  stream: string,
  subject: string,
  seq: number,
): Promise<StoredMessage | undefined> {
  try {
    const found = await jsm.direct.getLastMessagesFor(stream, { multi_last: [subject], up_to_seq: seq - 1 });
    for await (const message of found) return storedMessage(message);
    return undefined;
  } catch (error) {
    if (isNothingThere(error)) return undefined;
    throw error;
  }
}

async function named<T>(stream: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!hasCode(error, JetStreamApiCodes.StreamNotFound)) throw error;
    throw new SlipwayError([problem("streams-missing", `NATS has no stream ${stream}`)]);
  }
}
