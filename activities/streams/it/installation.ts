import { dropStreams } from "@slipway/testbed";
import { randomBytes } from "node:crypto";
import { type JetStreamClient, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { errors, type NatsConnection } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { installationNames, type LogEpoch, type LogLine, type LogRef, type LogSink } from "@slipway/dag";
import { onTestFinished } from "vitest";
import { leaderOf } from "../src/leader.ts";
import type { Log } from "../src/log.ts";
import { logSink } from "../src/log-sink.ts";
import { aRef } from "../src/ref-samples.ts";
import { connectStreams, type LogItem, type Streams, type StreamsSettings } from "../src/index.ts";

export const quiet: Log = { info: () => {}, warn: () => {} };
const MIB = 1024 * 1024;
/** Small: a test server's room is shared by all tests. */
export const SMALL = {
  logs: { ageMs: 3_600_000, bytes: 256 * MIB },
  events: { ageMs: 3_600_000, bytes: 32 * MIB },
  dagBytes: 16 * MIB,
  outputs: { ageMs: 3_600_000, bytes: 16 * MIB },
  replicas: 1,
};

/** An installation of the test's own, with its streams; closed with the test. */
export async function anInstallation(
  servers: string | readonly string[],
  more: Partial<StreamsSettings> = {},
): Promise<Streams> {
  const installation = more.installation ?? `t-${randomBytes(4).toString("hex")}`;
  const streams = await connectStreams({
    servers,
    name: installation,
    installation,
    streams: SMALL,
    log: quiet,
    ...more,
  });
  onTestFinished(async () => {
    if (more.installation === undefined) await dropStreams(streams.nc, installation).catch(() => {});
    await streams.close();
  });
  await streams.ensure();
  return streams;
}

/** Another connection to it: what a subscriber or a second watcher has. */
export async function aConnection(servers: string | readonly string[]): Promise<NatsConnection> {
  const nc = await connect({
    servers: [servers].flat(),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    reconnectJitter: 50,
  });
  onTestFinished(() => nc.close());
  return nc;
}

/** What becomes of the n-th publish, from 1: its ack gets lost, or the process dies before it. */
export type Fate = (n: number) => "ack" | "lost" | "dies";

/** A sink over a connection with faults. */
export async function faultySink(nc: NatsConnection, installation: string, fate: Fate): Promise<LogSink> {
  const js = jetstream(nc);
  let calls = 0;
  const publish: JetStreamClient["publish"] = async (...args) => {
    calls += 1;
    const end = fate(calls);
    if (end === "dies") throw new errors.ClosedConnectionError();
    const ack = await js.publish(...args);
    if (end === "lost") throw new errors.TimeoutError();
    return ack;
  };
  const faulty: JetStreamClient = Object.create(js, { publish: { value: publish } });
  const jsm = await jetstreamManager(nc);
  return logSink({ js: faulty, leader: leaderOf(jsm, installationNames(installation).logStream), log: quiet });
}

export function aLog(
  installation: string,
  more: Partial<LogRef> & { task?: string; attempt?: LogRef["attempt"] } = {},
): LogRef {
  const { task, ...rest } = more;
  const attempt = aRef({ installation, ...(task === undefined ? {} : { task }) });
  return { attempt, container: "main", podUid: "pod-1", restart: 0, ...rest };
}

export function epoch(attempt: number, stage: LogEpoch["stage"] = 0, hop = 0): LogEpoch {
  return { hop, stage, attempt };
}

/** The n-th line of a log: text and time are its number's, so that every reader can tell. */
export function numbered(n: number, text = `line ${n}`): LogLine {
  const time = new Date(Date.UTC(2026, 10, 22) + n * 7).toISOString().slice(0, 23);
  return { time: `${time}000000Z`, text };
}

/** What a plain subscriber of the public side has seen, as text. */
export async function subscriber(nc: NatsConnection, filter: string): Promise<() => string[]> {
  const seen: string[] = [];
  nc.subscribe(filter, { callback: (_error, message) => void seen.push(message.string()) });
  await nc.flush();
  return () => seen.flatMap((body) => (body === "" ? [] : body.split("\n")));
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** `1 line 1`, `end 5 true` …: a log in short. */
export function short(item: LogItem): string {
  switch (item.kind) {
    case "line":
      return `${item.line} ${item.text}${item.cut ? " (cut)" : ""}`;
    case "end":
      return `end ${item.lines} ${item.complete}`;
    case "expired":
      return `expired ${item.from}-${item.to}`;
    case "gap":
      return `gap ${item.reason}`;
    case "start":
      return "start";
  }
}

export function linesUpTo(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${index + 1} line ${index + 1}`);
}
