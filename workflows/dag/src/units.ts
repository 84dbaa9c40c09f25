import type { TaskName } from "./ids.ts";
import { itemState, keyOf, putItem } from "./items.ts";
import type { RunState, TaskState } from "./task-state.ts";

/** What starts, waits and ends: a task, or one item of a task with `forEach`, by its position. */
export interface Unit {
  readonly task: TaskName;
  readonly index?: number;
}

export function unitOf({ task, index }: Unit): Unit {
  return index === undefined ? { task } : { task, index };
}

/** `load`, `load[3]`: no task is called so, and no two units alike. */
export function unitKey({ task, index }: Unit): string {
  return index === undefined ? task : `${task}[${index}]`;
}

/** For people: `load`, `load[2026-11-20]`. */
export function titleOf(state: Pick<RunState, "items">, { task, index }: Unit): string {
  const items = state.items?.[task];
  return index === undefined ? task : `${task}[${items === undefined ? index : keyOf(items, index)}]`;
}

export function unitState(state: Pick<RunState, "tasks" | "items">, { task, index }: Unit): TaskState | undefined {
  const items = state.items?.[task];
  if (index === undefined) return state.tasks[task];
  return items === undefined ? undefined : itemState(items, index);
}

export function putUnit(state: RunState, { task, index }: Unit, now: TaskState): void {
  const items = state.items?.[task];
  if (index === undefined) state.tasks[task] = now;
  else if (items !== undefined) putItem(items, index, now);
}
