import type { Finder } from "./finder.ts";
import type { Frame } from "./frame.ts";
import { logTokens } from "./log-subject.ts";
import { newestChain } from "./newest.ts";

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

/** Settles, once, which chain and which attempts are read. `newest`: the chain of the newest frame. */
export async function chooseLogs(
  finder: Finder,
  filter: string,
  at: LogAt,
  newest: string | undefined,
): Promise<LogChoice> {
  const chain = at.chain ?? newest;
  const isLast = at.attempt === undefined || at.attempt === "last";
  const oldest = isLast ? await lastAttempts(finder, filter, chain) : undefined;
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
  finder: Finder,
  filter: string,
  chain: string | undefined,
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  const subjects = (await finder.subjects(filter)).flatMap((subject) => {
    const tokens = logTokens(subject);
    return tokens === undefined ? [] : [{ subject, ...tokens }];
  });
  for (const { subject, group, attempt } of subjects.sort((a, b) => b.attempt - a.attempt)) {
    if (found.has(group) || attempt === 1) continue;
    if ((await newestChain(finder, subject)) === chain) found.set(group, attempt);
  }
  return found;
}
