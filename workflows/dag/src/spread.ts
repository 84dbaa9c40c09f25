import type { Outcome } from "./outcome.ts";
import { itemState, type Items, keyOf } from "./items.ts";
import type { RunState, TaskState } from "./task-state.ts";

/** What becomes of a task whose items have all ended; undefined while one lives. */
export function spreadEnd(state: RunState, task: string): TaskState | undefined {
  const items = state.items?.[task];
  if (items === undefined || items.open > 0) return undefined;
  if (items.failed > 0) return { kind: "failed", attempts: 0, outcome: causeOf(task, items) };
  return items.succeeded > 0
    ? { kind: "succeeded", attempts: 0 }
    : { kind: "skipped", reason: "every item was skipped" };
}

/**
 * Of the items that failed the first by position, so that the words do not depend on the order they ended in; one that was ended
 * for another's sake only where there is no other.
 */
function causeOf(task: string, items: Items): Outcome {
  let cause: { readonly index: number; readonly outcome: Outcome } | undefined;
  for (const index of items.states.keys()) {
    const now = itemState(items, index);
    if (now?.kind !== "failed") continue;
    if (cause === undefined || now.outcome.kind !== "cancelled") cause = { index, outcome: now.outcome };
    if (now.outcome.kind !== "cancelled") break;
  }
  if (cause === undefined) return { kind: "lost", message: "no item says why" };
  const more = items.failed - 1;
  const others = more === 0 ? "" : ` (and ${more} more item${more === 1 ? "" : "s"})`;
  const message = `${task}[${keyOf(items, cause.index)}]: ${cause.outcome.message}${others}`;
  return { ...cause.outcome, message };
}
