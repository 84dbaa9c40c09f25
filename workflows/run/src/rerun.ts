import { beginAgain, beginRun, type Chain, type Effects, type Graph, type Rerun, type RunState } from "@slipway/dag";
import type { PreparedRun } from "./ports.ts";

/** A run begins, or goes on where a closed one ended. */
export function begunRun(
  graph: Graph,
  { firstExecutionRunId }: Chain,
  rerun: Rerun | undefined,
): { state: RunState; effects: Effects } {
  return rerun === undefined ? beginRun(graph, firstExecutionRunId) : beginAgain(graph, firstExecutionRunId, rerun);
}

/** What was taken over stands in the state: it is not handed on beside it. */
export function withoutEarlier({ rerun: _earlier, ...prepared }: PreparedRun): PreparedRun {
  return prepared;
}
