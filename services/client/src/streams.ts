import { problem, SlipwayError } from "@slipway/dag";
import type { EventRecord, LogRecord, LogSelection } from "./records.ts";
import type { RunRef } from "./run-ref.ts";
import type { NatsSettings } from "./settings.ts";

/** The readers of one installation's streams, over one connection that is made when it is first needed. */
export interface LazyStreams {
  readLog(run: RunRef, which: LogSelection): AsyncIterable<LogRecord>;
  followLog(run: RunRef, which: LogSelection, signal?: AbortSignal): AsyncIterable<LogRecord>;
  readEvents(run: RunRef): AsyncIterable<EventRecord>;
  followEvents(run: RunRef, signal?: AbortSignal): AsyncIterable<EventRecord>;
  close(): Promise<void>;
}

/** Stand-in until the readers of @slipway/streams are there. */
export function lazyStreams(
  settings: NatsSettings | undefined,
  _installation: string,
  _connectTimeoutMs: number,
): LazyStreams {
  // eslint-disable-next-line require-yield
  async function* refuse(): AsyncGenerator<never> {
    throw new SlipwayError([problem(settings === undefined ? "no-address" : "server-unreachable", "where is NATS?")]);
  }
  return { readLog: refuse, followLog: refuse, readEvents: refuse, followEvents: refuse, close: async () => {} };
}
