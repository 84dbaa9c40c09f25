import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import type { Frame } from "./frame.ts";
import { logTokens } from "./log-subject.ts";
import { newestChain } from "./newest.ts";
import { patiently } from "./patiently.ts";

/** Which logs of which run. */
export interface LogAt {
  readonly installation: string;
  readonly dag: string;
  readonly run: string;
  /** firstExecutionRunId, where a workflow id is used again; default: that of the newest frame. */
  readonly chain?: string;
  /** Default: every task. */
  readonly task?: string;
  readonly index?: number;
  /** Default `last`: of each task (and index) the newest attempt there is, and those that come later. */
  readonly attempt?: number | "last" | "all";
  /** Default: every container. */
  readonly container?: string;
}

/** Which frames a reader wants. */
export interface LogChoice {
  wants(subject: string, frame: Frame): boolean;
}

/** Settles, once, which chain and which attempts are read. */
export async function chooseLogs(nc: NatsConnection, stream: string, filter: string, at: LogAt): Promise<LogChoice> {
  const newest = await newestChain(nc, stream, filter);
  const chain = at.chain ?? newest;
  const oldest =
    at.attempt === undefined || at.attempt === "last" ? await lastAttempts(nc, stream, filter, chain) : undefined;
  return {
    wants(subject, { origin }) {
      if (chain !== undefined && origin.chain !== chain) return false;
      const tokens = logTokens(subject);
      return tokens !== undefined && tokens.attempt >= (oldest?.get(tokens.group) ?? 0);
    },
  };
}

/** By task and index, the newest attempt of this chain: an older run with the same workflow id may have had more. */
async function lastAttempts(
  nc: NatsConnection,
  stream: string,
  filter: string,
  chain: string | undefined,
): Promise<ReadonlyMap<string, number>> {
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const { state } = await patiently(undefined, () => jsm.streams.info(stream, { subjects_filter: filter }));
  const found = new Map<string, number>();
  const subjects = Object.keys(state.subjects ?? {}).flatMap((subject) => {
    const tokens = logTokens(subject);
    return tokens === undefined ? [] : [{ subject, ...tokens }];
  });
  for (const { subject, group, attempt } of subjects.sort((a, b) => b.attempt - a.attempt)) {
    if (found.has(group) || attempt === 1) continue;
    if ((await newestChain(nc, stream, subject)) === chain) found.set(group, attempt);
  }
  return found;
}
