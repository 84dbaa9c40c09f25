import type { RunReport, TaskReport } from "@slipway/dag";
import type { AttemptRecord, HistoryFacts } from "./attempts.ts";
import { readOutcomeKind } from "./wire.ts";

/**
 * A report put together from the history, for when nobody who runs the workflow answers. It repeats what was
 * recorded and decides nothing: a task is `failed` only where the run is over, else its last attempt may be tried again.
 */
export function reportFromFacts(facts: HistoryFacts, state: RunReport["state"]): RunReport {
  const last = new Map<string, AttemptRecord>();
  for (const attempt of facts.attempts) last.set(attempt.task, attempt);
  const planned = facts.prepared?.tasks ?? [];
  const names = planned.length > 0 ? planned.map(({ name }) => name) : [...last.keys()];
  const over = state !== "running" && state !== "queued";
  const tasks = Object.fromEntries(names.map((name) => [name, taskOf(last.get(name), over)]));
  return { state: facts.prepared === undefined && !over ? "queued" : state, tasks, outputs: {} };
}

function taskOf(last: AttemptRecord | undefined, over: boolean): TaskReport {
  if (last === undefined)
    return over ? { state: "skipped", attempts: 0, reason: "not started" } : { state: "waiting", attempts: 0 };
  const { attempt: attempts, outcome, outputs, trouble } = last;
  if (last.state !== "ended")
    return over ? { state: "failed", attempts, message: "the run ended first" } : { state: "running", attempts };
  const handedOn = outputs === undefined ? {} : { outputs };
  if (outcome?.kind === "succeeded") return { state: "succeeded", attempts, ...handedOn };
  const kind = readOutcomeKind(outcome?.kind);
  const message = outcome?.message ?? trouble;
  return {
    state: over ? "failed" : "retrying",
    attempts,
    ...handedOn,
    ...(kind && { kind }),
    ...(message && { message }),
  };
}
