import type { TaskName } from "./ids.ts";
import { nextPass } from "./passes.ts";
import { letGo } from "./run-outputs.ts";
import { type Effects, type RunState, settledState, type TaskState } from "./task-state.ts";
import { putUnit, type Unit, unitState } from "./units.ts";

/** Which items of a task run again with it. */
export type ItemChoice = (index: number, now: TaskState) => boolean;

export const EVERY_ITEM: ItemChoice = () => true;

/** What failed, and what was skipped with it; not what said so itself, by its exit code, or a person did. */
export const FAILED_ITEMS: ItemChoice = (_index, now) =>
  now.kind === "failed" || (now.kind === "skipped" && now.byHand !== true && now.attempts === undefined);

/** The items of a task that has ended, or is taken back: those chosen wait again. The list stays as it is. */
export function takeBackItems(state: RunState, effects: Effects, task: TaskName, chosen: ItemChoice): void {
  for (const index of state.items?.[task]?.states.keys() ?? []) {
    const now = unitState(state, { task, index });
    if (now !== undefined && chosen(index, now) && takeBackItem(state, { task, index }))
      effects.cleared.push({ task, index });
  }
}

/** The item counts as neither ready nor settled. True where it was settled: then its next pass begins. */
export function takeBackItem(state: RunState, unit: Unit): boolean {
  const now = unitState(state, unit);
  if (now?.kind === "ready") removeReady(state.ready, unit);
  if (settledState(now) === undefined) return false;
  if (now?.kind === "succeeded" || now?.kind === "failed") letGo(state, now.outputs);
  nextPass(state, unit);
  putUnit(state, unit, { kind: "waiting" });
  return true;
}

export function removeReady(ready: RunState["ready"], unit: Unit): void {
  const at = ready.findIndex(({ task, index }) => task === unit.task && index === unit.index);
  if (at >= 0) ready.splice(at, 1);
}
