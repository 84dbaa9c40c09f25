import type { Graph } from "../graph.ts";
import type { RunState } from "../task-state.ts";
import type { Unit } from "../units.ts";
import { NORMAL } from "./priority.ts";

/** Behind those of the same priority, before those of a lower one. */
export function queueUp(graph: Graph, { ready }: Pick<RunState, "ready">, unit: Unit): void {
  const own = priorityOf(graph, unit);
  const before = ready.findLastIndex((other) => priorityOf(graph, other) <= own);
  ready.splice(before + 1, 0, unit);
}

/** 1 goes first, 5 last. */
export function priorityOf(graph: Graph, { task }: Unit): number {
  return graph.get(task)?.priority ?? NORMAL;
}
