import type { JetStreamManager } from "@nats-io/jetstream";
import type { Frame } from "./frame.ts";
import { FRAME_HEADERS } from "./frame.ts";
import { fromHeaderText } from "./header-text.ts";
import { logTokens } from "./log-subject.ts";

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
export async function chooseLogs(jsm: JetStreamManager, stream: string, filter: string, at: LogAt): Promise<LogChoice> {
  const chain = at.chain ?? (await chainOf(jsm, stream, filter));
  const oldest =
    at.attempt === undefined || at.attempt === "last" ? await lastAttempts(jsm, stream, filter, chain) : undefined;
  return {
    wants(subject, { origin }) {
      if (chain !== undefined && origin.chain !== chain) return false;
      const tokens = logTokens(subject);
      return tokens !== undefined && tokens.attempt >= (oldest?.get(tokens.group) ?? 0);
    },
  };
}

async function chainOf(jsm: JetStreamManager, stream: string, filter: string): Promise<string | undefined> {
  const last = await jsm.streams.getMessage(stream, { last_by_subj: filter });
  return fromHeaderText(last?.header?.last(FRAME_HEADERS.chain) ?? "") || undefined;
}

/** By task and index, the newest attempt of this chain: an older run with the same workflow id may have had more. */
async function lastAttempts(
  jsm: JetStreamManager,
  stream: string,
  filter: string,
  chain: string | undefined,
): Promise<ReadonlyMap<string, number>> {
  const { state } = await jsm.streams.info(stream, { subjects_filter: filter });
  const found = new Map<string, number>();
  const subjects = Object.keys(state.subjects ?? {}).flatMap((subject) => {
    const tokens = logTokens(subject);
    return tokens === undefined ? [] : [{ subject, ...tokens }];
  });
  for (const { subject, group, attempt } of subjects.sort((a, b) => b.attempt - a.attempt)) {
    if (found.has(group) || attempt === 1) continue;
    if ((await chainOf(jsm, stream, subject)) === chain) found.set(group, attempt);
  }
  return found;
}
