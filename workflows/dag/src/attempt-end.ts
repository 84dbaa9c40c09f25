import type { GraphNode } from "./graph.ts";
import { haltOutcome } from "./halt.ts";
import type { JsonObject } from "./json.ts";
import { ownExitCode } from "./outcome.ts";
import { delayBefore, retryDecision, undecided } from "./retry.ts";
import { hold, NO_ROOM } from "./run-outputs.ts";
import type { Change, RunState, TaskState, Trying } from "./task-state.ts";
import { isTooLate, noTimeLeft } from "./total-time.ts";
import { type Unit, unitKey } from "./units.ts";

/** What an attempt that has ended makes of its unit: another after a delay, or its end. */
export type AfterAttempt =
  | { readonly kind: "again"; readonly state: Delayed; readonly ms: number }
  | { readonly kind: "settled"; readonly state: TaskState };

type Running = Extract<TaskState, { readonly kind: "running" }>;
type Delayed = Extract<TaskState, { readonly kind: "delayed" }>;
type Ended = Extract<TaskState, { readonly kind: "succeeded" | "failed" }>;

/** Its outputs are counted where it is settled. */
export function afterAttempt(
  state: RunState,
  node: GraphNode,
  now: Running,
  change: Extract<Change, { kind: "ended" }>,
): AfterAttempt {
  const outcome = now.stop === undefined ? change.outcome : haltOutcome(now.stop, change.outcome);
  const attempts = now.attempt;
  const settled = (end: Ended): AfterAttempt => ({ kind: "settled", state: withOutputs(state, end, change.outputs) });
  if (outcome.kind === "succeeded") return settled({ kind: "succeeded", attempts });
  const code = ownExitCode(outcome);
  if (code !== undefined && node.exitCodes.skip.includes(code))
    return { kind: "settled", state: { kind: "skipped", reason: `exit code ${code}`, attempts } };
  const failed: Ended = { kind: "failed", attempts, outcome };
  if (code !== undefined && node.exitCodes.fail.includes(code)) return settled(failed);
  const decision = retryDecision(outcome, node.retries, now.spent, seedOf(state, change, attempts + 1));
  if (decision.kind === "give-up" || change.retry?.kind === "no") return settled(failed);
  if (change.retry?.kind === "broken") return settled({ ...failed, outcome: undecided(outcome, change.retry.why) });
  if (isTooLate(node, change.total, decision.delayMs))
    return settled({ ...failed, outcome: noTimeLeft(node, outcome) });
  const next = { attempt: attempts + 1, spent: decision.spent, last: outcome };
  const since = sinceOf({ since: change.total?.since ?? now.since });
  return { kind: "again", state: { kind: "delayed", ...next, ...since }, ms: decision.delayMs };
}

/** How long a unit that waits for its next attempt does so. */
export function delayOf(state: RunState, node: GraphNode, unit: Unit, { spent, attempt }: Delayed): number {
  return delayBefore(node.retries, spent, seedOf(state, unit, attempt));
}

/** Of the attempt with this number, the delay before it. */
function seedOf(state: RunState, unit: Unit, attempt: number): string {
  return `${state.seed}/${unitKey(unit)}/${attempt - 1}`;
}

export function sinceOf({ since }: { readonly since?: number | undefined }): Pick<Trying, "since"> {
  return since === undefined ? {} : { since };
}

/** Of a unit that failed, what has no place is dropped; one that succeeded without a place for its outputs has failed. */
function withOutputs(state: RunState, end: Ended, outputs: JsonObject | undefined): Ended {
  if (outputs === undefined) return end;
  if (hold(state, outputs)) return { ...end, outputs };
  return end.kind === "failed" ? end : { kind: "failed", attempts: end.attempts, outcome: NO_ROOM };
}
