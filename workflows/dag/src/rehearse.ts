import type { Graph, GraphNode } from "./graph.ts";
import type { TaskName } from "./ids.ts";
import type { Outcome } from "./outcome.ts";
import { apply, beginRun } from "./run-state.ts";
import { takeStarts } from "./starts.ts";
import type { RunState } from "./task-state.ts";

/** How a task is to end in a rehearsal, should it run. */
export const REHEARSED_ENDS = ["succeeded", "failed", "skipped"] as const;
export type RehearsedEnd = (typeof REHEARSED_ENDS)[number];

const SKIP_CODE = 99;

/**
 * A run without a cluster: the reducer, with an end for each task that it starts (`succeeded` where none is given; none is
 * tried again). What a task's fate is follows from the graph alone.
 */
export function rehearse(graph: Graph, ends: ReadonlyMap<TaskName, RehearsedEnd>): RunState {
  const played = playable(graph, ends);
  const { state } = beginRun(played, "rehearsal");
  for (let starts = takeStarts(played, state); starts.length > 0; starts = takeStarts(played, state)) {
    for (const { task, attempt } of starts) {
      const outcome = outcomeOf(ends.get(task) ?? "succeeded");
      apply(played, state, { kind: "ended", task, attempt, outcome, retry: { kind: "no" } });
      const now = state.tasks[task];
      if (now?.kind === "skipped") state.tasks[task] = { ...now, reason: "as said" };
    }
  }
  return state;
}

function outcomeOf(end: RehearsedEnd): Outcome {
  if (end === "succeeded") return { kind: "succeeded", message: "succeeded" };
  const exitCode = end === "skipped" ? SKIP_CODE : SKIP_CODE + 1;
  return { kind: "exit", exitCode, message: "as said" };
}

/**
 * The same graph, in which a `noop` may fail too, nothing is waited for, an exit code says what the rehearsal says, every `if`
 * is true, a task with `forEach` ends as one, and no pool makes anybody wait.
 */
function playable(graph: Graph, ends: ReadonlyMap<TaskName, RehearsedEnd>): Graph {
  const played = ({ asks: _asks, each: _each, gives: _gives, needs: _needs, ...node }: GraphNode): GraphNode => {
    const isHeld = node.kind === "approve" || node.kind === "wait";
    const kind = isHeld || (node.kind === "noop" && ends.has(node.name)) ? "pod" : node.kind;
    return { ...node, kind, exitCodes: { skip: [SKIP_CODE], fail: [] } };
  };
  const nodes = [...graph].map(([name, node]) => [name, played(node)] as const);
  const sections = [...graph.sections].map(
    ([group, section]) =>
      [group, { ...section, tasks: section.tasks.map(played), finally: section.finally.map(played) }] as const,
  );
  const { timeoutMs } = graph;
  return Object.assign(new Map(nodes), {
    sections: new Map(sections),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
}
