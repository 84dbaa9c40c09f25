import type { ItemReport, RunReport, TaskReport } from "@slipway/dag";
import type { AttemptRecord, HistoryFacts } from "./attempts.ts";
import { readOutcomeKind } from "./wire.ts";

/**
 * A report put together from the history, for when nobody who runs the workflow answers. It repeats what was
 * recorded and decides nothing: a task is `failed` only where the run is over, else its last attempt may be tried again.
 */
export function reportFromFacts(facts: HistoryFacts, state: RunReport["state"]): RunReport {
  const last = new Map<string, Map<number | undefined, AttemptRecord>>();
  for (const attempt of facts.attempts) {
    const units = last.get(attempt.task) ?? new Map<number | undefined, AttemptRecord>();
    last.set(attempt.task, units.set(attempt.index, attempt));
  }
  const planned = facts.prepared?.tasks ?? [];
  const names = planned.length > 0 ? planned.map(({ name }) => name) : [...last.keys()];
  const over = state !== "running" && state !== "queued";
  const tasks = Object.fromEntries(names.map((name) => [name, unitsOf([...(last.get(name)?.values() ?? [])], over)]));
  return { state: facts.prepared === undefined && !over ? "queued" : state, tasks, outputs: {} };
}

/** A task with `forEach` has attempts of its items; how many items there are in all its attempts do not say. */
function unitsOf(units: readonly AttemptRecord[], over: boolean): TaskReport {
  const items = units.flatMap((unit): ItemReport[] => {
    const { index } = unit;
    const { outputs: _outputs, ...told } = taskOf(unit, over);
    return index === undefined ? [] : [{ index, key: String(index), ...told }];
  });
  if (items.length === 0) return taskOf(units[0], over);
  const counts: Partial<Record<TaskReport["state"], number>> = {};
  for (const { state } of items) counts[state] = (counts[state] ?? 0) + 1;
  const state = over ? ((counts.failed ?? 0) > 0 ? "failed" : "succeeded") : "running";
  return { state, attempts: 0, counts, items: items.toSorted((a, b) => a.index - b.index) };
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
