import { asked } from "./control.ts";
import type { Graph } from "./graph.ts";
import { haltOutcome } from "./halt.ts";
import { type ItemControl, type ItemRerun, itemToReset } from "./item-refusal.ts";
import { held, marked, type Marking } from "./marked.ts";
import { again, decidedFrom, itemsToReset, reopen, reset, takeBack } from "./reset.ts";
import { takeBackItem } from "./reset-items.ts";
import { come, consider, settle } from "./settle.ts";
import { type Effects, type RunState, settledState, type TaskState } from "./task-state.ts";
import { putUnit, type Unit, unitOf, unitState } from "./units.ts";

/** Carries out a control of one item that `itemRefusal` lets pass. */
export function controlItem(graph: Graph, state: RunState, effects: Effects, what: ItemControl): void {
  switch (what.kind) {
    case "cancelTask":
      return cancel(graph, state, effects, what);
    case "skip":
      return mark(graph, state, effects, { ...what, state: "skipped" });
    case "mark":
      return mark(graph, state, effects, what);
    case "retry":
    case "clear":
      return runAgain(graph, state, effects, what);
  }
}

function cancel(graph: Graph, state: RunState, effects: Effects, what: ItemControl): void {
  const unit = unitOf(what);
  const now = unitState(state, unit);
  const stop = { kind: "cancel", message: asked("cancelled", what) } as const;
  if (now?.kind === "running" && now.stop === undefined) {
    putUnit(state, unit, { ...now, stop });
    effects.stops.push(unit);
  }
  if (now?.kind !== "delayed" && now?.kind !== "ready") return;
  const outcome = haltOutcome(stop, now.kind === "delayed" ? now.last : undefined);
  settle(graph, state, effects, unit, { kind: "failed", attempts: now.attempt - 1, outcome });
}

function mark(graph: Graph, state: RunState, effects: Effects, what: Marking): void {
  const unit = unitOf(what);
  if (unitState(state, unit)?.kind !== what.state) replace(graph, state, effects, unit, marked(graph, state, what));
}

/** The item is this from now on, and its task is judged anew; what was decided from the task's old state alone is decided anew. */
function replace(graph: Graph, state: RunState, effects: Effects, unit: Unit, by: TaskState): void {
  const node = graph.get(unit.task);
  if (node === undefined) return;
  const isOver = settledState(state.tasks[unit.task]) !== undefined;
  const decided = isOver ? decidedFrom(graph, state, node) : new Set<never>();
  if (isOver) openAgain(graph, state, unit);
  takeBackItem(state, unit);
  settle(graph, state, effects, unit, held(state, by));
  reset(graph, state, effects, again(graph, state, decided));
}

/** The task goes on with its items as they are. */
function openAgain(graph: Graph, state: RunState, { task }: Unit): void {
  if (takeBack(graph, state, task)) reopen(graph, state, task);
  state.tasks[task] = { kind: "spread" };
}

function runAgain(graph: Graph, state: RunState, effects: Effects, what: ItemRerun): void {
  const unit = unitOf(what);
  if (state.tasks[unit.task]?.kind === "spread") return startAgain(graph, state, effects, unit);
  const names = itemToReset(graph, state, what);
  reset(graph, state, effects, names, itemsToReset(graph, what, names));
}

/** While its task goes on: the item waits for a place again, also where a failure had broken the others off. */
function startAgain(graph: Graph, state: RunState, effects: Effects, unit: Unit): void {
  const node = graph.get(unit.task);
  if (node === undefined || !takeBackItem(state, unit)) return;
  effects.cleared.push(unit);
  reopen(graph, state, unit.task);
  if (node.kind === "noop") come(graph, state, effects, unit);
  if (node.kind === "noop") return consider(graph, state, effects, [node]);
  const isQueued = state.ready.some(({ task, index }) => task === unit.task && index === undefined);
  if (!isQueued) state.ready.push({ task: unit.task });
  consider(graph, state, effects, [node]);
}
