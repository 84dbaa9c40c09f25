import type { GraphNode } from "./graph.ts";
import { type ItemList, newItems, sizeOf } from "./items.ts";
import { attemptsBefore } from "./passes.ts";
import { NOTHING_SPENT } from "./retry.ts";
import { hold, holdLists, NO_ROOM } from "./run-outputs.ts";
import type { Answer, Given, RunState, TaskState } from "./task-state.ts";

/** Whether something is to be asked before a task begins: its `if`, or its list, which is made once in a run. */
export function asks(state: RunState, { name, asks: hasCondition, each }: GraphNode): boolean {
  return hasCondition === true || (each !== undefined && state.items?.[name] === undefined);
}

/** What the answer to its `if` makes of a task. */
export function afterAnswer(state: RunState, node: GraphNode, answer: Answer): TaskState {
  switch (answer.kind) {
    case "yes":
      return answer.items === undefined || takeItems(state, node, answer.items)
        ? begun(state, node)
        : { kind: "failed", attempts: 0, outcome: NO_ROOM };
    case "no":
      return { kind: "skipped", reason: "its `if` is false" };
    case "broken":
      return {
        kind: "failed",
        attempts: 0,
        outcome: { kind: "expression", message: `${answer.of ?? "if"}: ${answer.why}` },
      };
  }
}

/** False where what the items will hand on has no place in the run. */
function takeItems(state: RunState, { name, outputs }: GraphNode, list: ItemList): boolean {
  if (state.items?.[name] !== undefined) return true;
  if (!holdLists(state, outputs, sizeOf(list))) return false;
  state.items ??= {};
  state.items[name] = newItems(list);
  return true;
}

/** A task whose turn has come. */
export function begun(state: RunState, { name: task, kind, each, gives }: GraphNode): TaskState {
  const items = each === undefined ? undefined : state.items?.[task];
  if (items !== undefined) return sizeOf(items) === 0 ? { kind: "skipped", reason: NO_ITEMS } : { kind: "spread" };
  if (kind === "noop") return gives ? { kind: "giving" } : { kind: "succeeded", attempts: 0 };
  if (kind === "approve" || kind === "wait") return { kind: "held" };
  return kind === "group"
    ? { kind: "open" }
    : { kind: "ready", attempt: 1 + attemptsBefore(state, { task }), spent: NOTHING_SPENT };
}

const NO_ITEMS = "its list is empty";

/** What its outputs make of a unit that has come to its end. */
export function afterGiven(state: RunState, given: Given): TaskState {
  if (given.kind === "broken") return { kind: "failed", attempts: 0, outcome: { kind: "output", message: given.why } };
  return hold(state, given.values)
    ? { kind: "succeeded", attempts: 0, outputs: given.values }
    : { kind: "failed", attempts: 0, outcome: NO_ROOM };
}
