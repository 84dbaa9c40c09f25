import type { Control } from "./control.ts";
import { problem, type Problem } from "./errors.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { titleOf, type Unit, unitOf, unitState } from "./units.ts";
import { hasTried } from "./passes.ts";
import { placeRefusal, underWay, wrong } from "./refused.ts";
import { toReset } from "./reset.ts";
import { type RunState, settledState } from "./task-state.ts";
import { unitReport } from "./unit-report.ts";

/** A control of one item of a task with `forEach`. What waits for a person has none. */
export type ItemControl = Extract<Exclude<Control, { readonly kind: "approve" }>, Partial<Unit>> & Required<Unit>;

/** One that runs an item again. */
export type ItemRerun = Extract<ItemControl, { readonly kind: "retry" | "clear" }>;

export function isOfItem(control: Control): control is ItemControl {
  return "index" in control && control.index !== undefined && "task" in control;
}

/** Why one item cannot be controlled so now. */
export function itemRefusal(graph: Graph, state: RunState, control: ItemControl, node: GraphNode): Problem | undefined {
  const { task, index } = control;
  const items = state.items?.[task];
  if (node.each === undefined) return problem("task-not-found", `${task} has no items: it has no \`forEach\``);
  if (items === undefined) return wrong(`the list of ${task} is not made yet`, "wait until the task has begun");
  if (index >= items.states.length)
    return problem("task-not-found", `${task} has no item ${index}: it has ${items.states.length}, from 0`);
  const isBegun = state.tasks[task]?.kind === "spread" || items.open === 0;
  if (!isBegun) return wrong(`${task} has not begun anew`, "wait until it has, or control the task as a whole");
  const settles = control.kind === "mark" || control.kind === "skip";
  const misplaced = settles ? placeRefusal(graph, state, node) : undefined;
  return misplaced ?? stateRefusal(graph, state, control);
}

function stateRefusal(graph: Graph, state: RunState, control: ItemControl): Problem | undefined {
  const unit = unitOf(control);
  const now = unitState(state, unit);
  const name = titleOf(state, unit);
  const word = unitReport(graph, state, unit).state;
  switch (control.kind) {
    case "cancelTask":
      return now?.kind === "running" || now?.kind === "delayed" || now?.kind === "ready"
        ? undefined
        : wrong(`${name} is ${word}: it has no attempt to stop`, "`slipway skip` keeps an item from starting");
    case "mark":
      return now?.kind === "running"
        ? wrong(`${name} is running`, "end its attempt first: `slipway cancel RUN TASK --index N`")
        : undefined;
    case "skip":
      return now?.kind === "waiting" ||
        now?.kind === "skipped" ||
        (now?.kind === "ready" && !hasTried(state, unit, now))
        ? undefined
        : wrong(`${name} is ${word}: only what has not started is skipped`, "`slipway mark` changes a state");
    case "retry":
      if (now?.kind !== "failed")
        return wrong(`${name} has not failed: it is ${word}`, "`slipway clear` runs it again");
      return underWay(state, itemToReset(graph, state, control));
    case "clear":
      if (settledState(now) === undefined)
        return wrong(`${name} is under way and would have to run again`, "wait until it is done");
      return underWay(state, itemToReset(graph, state, control));
  }
}

/** The tasks that run again with an item; none while its task goes on, for nothing has begun behind it. */
export function itemToReset(
  graph: Graph,
  state: RunState,
  { task, ...control }: ItemControl,
): ReturnType<typeof toReset> {
  if (state.tasks[task]?.kind === "spread") return [];
  const downstream = control.kind !== "clear" || control.downstream;
  return toReset(graph, state, { kind: "clear", task, upstream: false, downstream });
}
