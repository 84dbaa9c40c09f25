import { problem, SlipwayError } from "@slipway/dag";
import {
  connectNats,
  type EventsAt,
  followEvents,
  followLog,
  type LogAt,
  type LogItem,
  type LogView,
  type NatsSettings,
  readEvents,
  readLog,
  type StoredEvent,
  StreamsUnavailable,
} from "@slipway/streams";
import type { RunRef } from "./run-ref.ts";

/** Which logs of a run, and which part: all of them where nothing is said, of the last attempt each. */
export type LogSelection = Pick<LogAt, "task" | "index" | "attempt" | "container"> & LogView;

/** Which events of a run: all of them where nothing is said. */
export type EventSelection = Pick<EventsAt, "task" | "index">;

export interface FollowRun {
  /** Ends the reading at once, without an error. */
  readonly signal?: AbortSignal;
  /** Once it has settled: what is stored by then is still read, then the reading ends. */
  readonly until?: Promise<unknown>;
  /** Called once, when what was stored at the beginning has been handed out and what comes now is new. */
  readonly onCaughtUp?: () => void;
}

/** The readers of one installation's streams, over one connection that is made when it is first needed. */
export interface RunStreams {
  readLog(run: RunRef, which: LogSelection): AsyncIterable<LogItem>;
  followLog(run: RunRef, which: LogSelection, options: FollowRun): AsyncIterable<LogItem>;
  readEvents(run: RunRef, which: EventSelection): AsyncIterable<StoredEvent>;
  followEvents(run: RunRef, which: EventSelection, options: FollowRun): AsyncIterable<StoredEvent>;
  close(): Promise<void>;
}

type Connection = Awaited<ReturnType<typeof connectNats>>;

/** Nothing is logged here: a reader's trouble is its caller's, as an error. */
const SILENT = { info: () => {}, warn: () => {} };

/** @throws SlipwayError (each reader) `no-address` without settings, `server-unreachable`, `nats-refused`, `streams-missing` */
export function runStreams(settings: NatsSettings | undefined, installation: string, connectMs: number): RunStreams {
  let opened: Promise<Connection> | undefined;
  const connection = async (): Promise<Connection> => {
    if (settings === undefined) throw new SlipwayError([problem("no-address", "where is NATS?")]);
    opened ??= connectNats({ ...settings, name: `${installation}-client`, connectMs, log: SILENT });
    try {
      return await opened;
    } catch (error) {
      // The next reader tries again: a server that is away now may be back then.
      opened = undefined;
      throw error;
    }
  };
  async function* named<T>(read: (nc: Connection) => AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* read(await connection());
    } catch (error) {
      throw nameOf(error);
    }
  }
  const at = ({ dag, run, firstExecutionRunId: chain }: RunRef) => ({ installation, dag, run, chain });
  return {
    readLog: (run, which) => named((nc) => readLog(nc, { ...at(run), ...which })),
    followLog: (run, which, options) => named((nc) => followLog(nc, { ...at(run), ...which }, options)),
    readEvents: (run, which) => named((nc) => readEvents(nc, { ...at(run), ...which })),
    followEvents: (run, which, options) => named((nc) => followEvents(nc, { ...at(run), ...which }, options)),
    close: async () => {
      await opened?.then(
        (nc) => nc.close(),
        () => undefined,
      );
    },
  };
}

function nameOf(error: unknown): unknown {
  if (!(error instanceof StreamsUnavailable)) return error;
  return new SlipwayError([problem("server-unreachable", error.message)], { cause: error });
}
