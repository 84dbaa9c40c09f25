import type { Graph, GraphNode } from "./graph.ts";
import type { TaskName } from "./ids.ts";
import { addToTally, emptyTally, type Tally } from "./rules.ts";
import { type RunState, settledState, type TaskState } from "./task-state.ts";

type Tallies = ReadonlyMap<TaskName, Tally>;

/**
 * How the upstreams of each task stand, counted as they settle: a gate over 10,000 upstreams is asked 10,000 times. It follows
 * from the state alone, so it is no part of it: it is counted anew for a state that was handed on, or copied.
 */
const known = new WeakMap<RunState, Tallies>();

export function tallyOf(graph: Graph, state: RunState, { name, after }: GraphNode): Tally {
  return talliesOf(graph, state).get(name) ?? emptyTally(after.length);
}

/** The only way for a task to become settled. */
export function settleAs(graph: Graph, state: RunState, node: GraphNode, settled: TaskState): void {
  const tallies = talliesOf(graph, state);
  state.tasks[node.name] = settled;
  tell(graph, tallies, node, settled, 1);
}

/** The settled state of a task counts no longer; whoever takes it back gives the task another. */
export function unsettle(graph: Graph, state: RunState, node: GraphNode): void {
  tell(graph, talliesOf(graph, state), node, state.tasks[node.name], -1);
}

function talliesOf(graph: Graph, state: RunState): Tallies {
  const there = known.get(state);
  if (there !== undefined) return there;
  const tallies = new Map([...graph].map(([name, { after }]) => [name, emptyTally(after.length)]));
  for (const node of graph.values()) tell(graph, tallies, node, state.tasks[node.name], 1);
  known.set(state, tallies);
  return tallies;
}

function tell(graph: Graph, tallies: Tallies, node: GraphNode, now: TaskState | undefined, by: 1 | -1): void {
  const settled = settledState(now);
  if (settled === undefined) return;
  for (const name of node.before) {
    const [next, tally] = [graph.get(name), tallies.get(name)];
    if (next === undefined || tally === undefined) continue;
    const at = next.gate.kind === "edges" ? next.after.indexOf(node.name) : 0;
    addToTally(tally, next.gate, at, settled, by);
  }
}
