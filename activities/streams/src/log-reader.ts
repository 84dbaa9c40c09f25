import type { NatsConnection } from "@nats-io/nats-core";
import { installationNames, logFilter } from "@slipway/dag";
import { type FollowOptions, follow, readStored } from "./follow.ts";
import { decodeFrame } from "./frame-decode.ts";
import { chooseLogs, type LogAt, type LogChoice } from "./log-choice.ts";
import type { LogItem } from "./log-item.ts";
import { LogLines } from "./log-lines.ts";
import { sourceOf } from "./log-subject.ts";
import type { StoredMessage } from "./message.ts";

/** What is stored now. Throws `StreamsUnavailable` after 30 s without an answer. */
export async function* readLog(
  nc: NatsConnection,
  at: LogAt,
  { signal }: Pick<FollowOptions, "signal"> = {},
): AsyncGenerator<LogItem> {
  const choice = await choose(nc, at);
  yield* items(readStored(nc, streamOf(at), filterOf(at), { ...(signal && { signal }), upToLeader: true }), choice);
}

/**
 * From line 1 on, and then what comes, until `signal` or `until`. Where `at` names task, attempt and container it ends by
 * itself, when every log that has started has ended.
 */
export async function* followLog(nc: NatsConnection, at: LogAt, options: FollowOptions = {}): AsyncGenerator<LogItem> {
  const choice = await choose(nc, at);
  const one = at.task !== undefined && typeof at.attempt === "number" && at.container !== undefined;
  const running = new Set<string>();
  for await (const item of items(follow(nc, streamOf(at), filterOf(at), options), choice)) {
    yield item;
    const life = `${item.index ?? "-"}/${item.pod}/${item.restart}`;
    if (item.kind === "end") running.delete(life);
    else running.add(life);
    if (one && running.size === 0) return;
  }
}

function choose(nc: NatsConnection, at: LogAt): Promise<LogChoice> {
  return chooseLogs(nc, streamOf(at), filterOf(at), at);
}

function streamOf({ installation }: LogAt): string {
  return installationNames(installation).logStream;
}

function filterOf({ attempt, chain: _chain, ...place }: LogAt): string {
  return logFilter({ ...place, ...(typeof attempt === "number" ? { attempt } : {}) });
}

async function* items(messages: AsyncIterable<StoredMessage>, choice: LogChoice): AsyncGenerator<LogItem> {
  const logs = new Map<string, LogLines>();
  for await (const message of messages) {
    const frame = decodeFrame(message.header, message.data);
    const source = frame && sourceOf(message.subject, frame);
    if (frame === undefined || source === undefined || !choice.wants(message.subject, frame)) continue;
    const lines = logs.get(message.subject) ?? new LogLines();
    logs.set(message.subject, lines);
    yield* lines.accept(source, frame);
  }
}
