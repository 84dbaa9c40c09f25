import type { Graph, GraphNode } from "./graph.ts";
import { itemState, type Items, newItems, putItem, sizeOf } from "./items.ts";
import type { JsonObject } from "./json.ts";
import { hold, holdLists } from "./run-outputs.ts";
import { beginRun } from "./run-state.ts";
import { count } from "./sections.ts";
import { settleAs } from "./tallies.ts";
import type { RunState, TaskState } from "./task-state.ts";

/**
 * The state of a closed run as that of another one, with the workflow id of the first: what has ended is as it was, what had no
 * end waits. Attempts are counted anew, for another chain names other pods; what only the whole run's end broke off is still to be tried.
 */
export function takenOver(graph: Graph, before: RunState, of: string): RunState {
  const { state } = beginRun(graph, before.seed, false);
  for (const node of graph.values()) takeTask(graph, state, before, node, of);
  for (const [group, own] of Object.entries(state.sections)) {
    const halt = before.sections[group]?.halt;
    if (halt?.kind === "fail_fast") own.halt = halt;
  }
  state.failures.push(...before.failures.filter((task) => state.tasks[task]?.kind === "failed"));
  state.rerunOf = of;
  return state;
}

function takeTask(graph: Graph, state: RunState, before: RunState, node: GraphNode, of: string): void {
  const now = before.tasks[node.name];
  const items = before.items?.[node.name];
  if (items !== undefined && !takeItems(state, node, items)) return;
  if (node.kind === "group" && (now?.kind === "open" || now?.kind === "giving")) {
    state.tasks[node.name] = { kind: "open" };
    return;
  }
  const end = now && endOf(now);
  if (end === undefined || !hasRoom(state, end)) return;
  settleAs(graph, state, node, end.kind === "succeeded" ? { ...end, reason: `reused from ${of}` } : end);
  state.unsettled -= 1;
  count(graph, state, node);
}

/** False where there is no room for what they hand on. */
function takeItems(state: RunState, { name, outputs }: GraphNode, before: Items): boolean {
  const { names, lists, keys } = before;
  if (!holdLists(state, outputs, sizeOf(before))) return false;
  const items = newItems({ lists, ...(names && { names }), ...(keys && { keys }) });
  for (const index of before.states.keys()) {
    const now = itemState(before, index);
    const end = now && endOf(now);
    if (end !== undefined && hasRoom(state, end)) putItem(items, index, end);
  }
  state.items ??= {};
  state.items[name] = items;
  return true;
}

function hasRoom(state: RunState, end: { readonly outputs?: JsonObject }): boolean {
  return end.outputs === undefined || hold(state, end.outputs);
}

type Ended = Extract<TaskState, { readonly kind: "succeeded" | "failed" | "skipped" | "upstream_failed" }> & {
  readonly outputs?: JsonObject;
};

/** Undefined: it had no end. A skip that its exit code said stays, as one that a person said does. */
function endOf(now: TaskState): Ended | undefined {
  switch (now.kind) {
    case "succeeded":
    case "failed":
      return { ...now, attempts: 0 };
    case "skipped": {
      const isOwnWord = now.byHand === true || (now.attempts ?? 0) > 0;
      return { kind: "skipped", reason: now.reason, ...(isOwnWord && { byHand: true }) };
    }
    case "upstream_failed":
      return now;
    default:
      return undefined;
  }
}
