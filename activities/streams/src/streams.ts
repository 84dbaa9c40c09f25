import { type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import {
  type AttemptRef,
  type EventSink,
  installationNames,
  type LogSink,
  type Redact,
  SlipwayError,
} from "@slipway/dag";
import { createdPod } from "./created-pod.ts";
import { type ConnectSettings, connectNats } from "./connect.ts";
import { type DagStore, dagStore } from "./dag-store.ts";
import { ensureStreams } from "./ensure-streams.ts";
import { eventSink } from "./event-sink.ts";
import { FRAME_BYTES } from "./frame.ts";
import { leaderOf } from "./leader.ts";
import { type Listen, listener } from "./listen.ts";
import { errorText, type Log } from "./log.ts";
import { refusal } from "./refusal.ts";
import { logSink } from "./log-sink.ts";
import type { LogLimits } from "./log-writer.ts";
import { mender } from "./mender.ts";
import { lazyOutputStore, outputStore, type OutputStore } from "./output-store.ts";
import { STREAM_SETTINGS, type StreamSettings } from "./stream-settings.ts";

export interface StreamsSettings extends ConnectSettings {
  readonly installation: string;
  readonly streams?: Partial<StreamSettings>;
  readonly limits?: Partial<LogLimits>;
  /** Of log lines, and of what events say; default: nothing is taken out. */
  readonly redact?: Redact;
}

/** JetStream for one installation, over one connection. */
export interface Streams {
  readonly installation: string;
  readonly nc: NatsConnection;
  readonly logs: LogSink;
  readonly events: EventSink;
  /** Core NATS: only what is published while one listens. */
  readonly listen: Listen;
  /** The uid of the pod that was made for an attempt, as its event told. Rejects after 5 s without an answer. */
  createdPod(ref: AttemptRef): Promise<string | undefined>;
  /** Large outputs. Every failure is a `StreamsUnavailable`, within some 15 s. */
  readonly outputs: OutputStore;
  /** Creates or updates the streams and the buckets; every worker calls it when it starts. */
  ensure(): Promise<void>;
  /** Rejects where the bucket cannot be opened in 5 s. */
  putDag(hash: string, json: string): Promise<void>;
  getDag(hash: string): Promise<string | undefined>;
  /** Sends what is on its way, for at most 5 s, and closes the connection. */
  close(): Promise<void>;
}

const API_MS = 5_000;
const DRAIN_MS = 5_000;
/** The headers of a frame: ids of at most 1,000 characters, the times of 1,000 lines. */
const HEADER_BYTES = 24 * 1024;

/** Connects; the caller owns the result and closes it. Throws `SlipwayError` as `connectNats` does. */
export async function connectStreams(settings: StreamsSettings): Promise<Streams> {
  const nc = await connectNats(settings);
  const { installation, log } = settings;
  const wanted: StreamSettings = { ...STREAM_SETTINGS, ...settings.streams };
  const js = jetstream(nc, { timeout: API_MS });
  const jsm: JetStreamManager = await jetstreamManager(nc, { timeout: API_MS, checkAPI: false });
  const names = installationNames(installation);
  let opened: Promise<DagStore> | undefined;
  const dags = () => (opened ??= forgetting(openDags(nc, installation, wanted, log), () => (opened = undefined)));
  const ensure = async () => {
    await ensureStreams(nc, jsm, installation, wanted, log);
    await dags();
    await openOutputs().catch((error: unknown) => {
      if (error instanceof SlipwayError) throw error;
      log.warn(
        { why: errorText(error) },
        "no object store: a task whose outputs have no room in the run's state waits for it",
      );
    });
  };
  const openOutputs = () =>
    outputStore(js, installation, { ...wanted.outputs, replicas: wanted.replicas }, log).catch(sayRefusal);
  const mend = mender(ensure, log);
  const eventLeader = leaderOf(jsm, names.eventStream, mend);
  const limits = { frameBytes: frameBytes(nc), refreshMs: refreshMs(wanted), ...settings.limits };
  return {
    installation,
    nc,
    logs: logSink({ js, leader: leaderOf(jsm, names.logStream, mend), log, mend }, limits, settings.redact),
    events: eventSink({ js, leader: eventLeader, log, mend, redact: settings.redact }, settings.limits?.patienceMs),
    listen: listener(nc, log),
    createdPod: (ref) => createdPod(eventLeader, ref),
    outputs: lazyOutputStore(openOutputs),
    ensure,
    putDag: async (hash, json) => (await dags()).put(hash, json),
    getDag: async (hash) => (await dags()).get(hash),
    close: () => drain(nc, log),
  };
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Well before the stream forgets the last frame of a quiet log. */
function refreshMs({ logs }: StreamSettings): number {
  return Math.min(logs.ageMs / 2, LONGEST_TIMER_MS);
}

/** A server may allow less than the usual 1 MiB a message. */
function frameBytes(nc: NatsConnection): number {
  return Math.min(FRAME_BYTES, (nc.info?.max_payload ?? Number.POSITIVE_INFINITY) - HEADER_BYTES);
}

function openDags(
  nc: NatsConnection,
  installation: string,
  { dagBytes, replicas }: StreamSettings,
  log: Log,
): Promise<DagStore> {
  return dagStore(nc, installation, { bytes: dagBytes, replicas }, log).catch(sayRefusal);
}

function sayRefusal(error: unknown): never {
  throw refusal(error) ?? error;
}

/** A promise that failed is not kept: the next caller tries again. */
function forgetting<T>(promise: Promise<T>, forget: () => void): Promise<T> {
  promise.catch(forget);
  return promise;
}

async function drain(nc: NatsConnection, log: Log): Promise<void> {
  if (nc.isClosed()) return;
  const timer = setTimeout(() => void nc.close(), DRAIN_MS);
  try {
    await nc.drain();
  } catch (error) {
    log.warn({ why: errorText(error) }, "NATS connection closed without draining");
    await nc.close();
  } finally {
    clearTimeout(timer);
  }
}
