import type { AttemptRef, Chain } from "@slipway/dag";
import type { Standing } from "@slipway/pods";
import { z } from "zod";
import type { ChainFate } from "./chain-fate.ts";

/** What the query `state` answers, as far as it is read here. */
const Report = z.object({ tasks: z.record(z.string(), z.object({ state: z.string(), attempts: z.number() })) });

export interface StandingPorts {
  readonly fateOf: (chain: Chain) => Promise<ChainFate>;
  /** The query `state`; rejects where it has no answer in time. */
  readonly askState: (workflowId: string) => Promise<unknown>;
  /** Called once for each chain that is found closed. Must not reject. */
  readonly onClosed: (ref: AttemptRef, how: string) => Promise<void>;
}

/** What the runs of one pass say of their attempts: each run is asked once. */
export function standings(ports: StandingPorts): (ref: AttemptRef) => Promise<Standing> {
  const fates = new Map<string, Promise<ChainFate>>();
  const states = new Map<string, Promise<unknown>>();
  return async (ref) => {
    const { workflowId, firstExecutionRunId } = ref.chain;
    const fate = await once(fates, `${firstExecutionRunId} ${workflowId}`, async () => {
      const found = await ports.fateOf(ref.chain);
      if (found.kind === "closed") await ports.onClosed(ref, found.how);
      return found;
    });
    if (fate.kind === "closed") return "over";
    if (fate.kind === "unknown") return "unknown";
    const state = await once(states, workflowId, async () => await ports.askState(workflowId).catch(() => undefined));
    return standingIn(state, ref);
  };
}

/** Attempts of a task are counted as they start, so a lower number than the last one is over. */
export function standingIn(
  state: unknown,
  { task, attempt }: { readonly task: string; readonly attempt: number },
): Standing {
  const report = Report.safeParse(state).data?.tasks[task];
  if (report === undefined) return "unknown";
  const settled = attempt < report.attempts || (attempt === report.attempts && report.state !== "running");
  return settled ? "settled" : "open";
}

async function once<T>(asked: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const answer = asked.get(key) ?? ask();
  asked.set(key, answer);
  return await answer;
}
