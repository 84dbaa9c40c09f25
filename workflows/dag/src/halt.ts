import type { Graph, GraphNode, Section } from "./graph.ts";
import { type Outcome, timesOf } from "./outcome.ts";
import { hasTried } from "./passes.ts";
import type { Halt, RunState, TaskState } from "./task-state.ts";

/** What a halt makes of one task. `stop`: it runs on until its end is told. */
export type Broken =
  | { readonly kind: "settled"; readonly node: GraphNode; readonly state: TaskState }
  | { readonly kind: "stop"; readonly node: GraphNode };

/**
 * Breaks a section off: nothing of its `tasks` starts any more; unstarted → skipped, between two attempts → failed, running →
 * stopped, and failed when it ends. Its `finally` is left alone, and so is that of each group in it that has begun.
 */
export function haltSection(graph: Graph, state: RunState, section: Section, halt: Halt): Broken[] {
  const broken: Broken[] = [];
  for (const open = [section]; ; ) {
    const next = open.pop();
    if (next === undefined) return broken;
    const own = state.sections[next.group ?? ""];
    if (own === undefined || own.halt !== undefined) continue;
    own.halt = halt;
    for (const node of next.tasks) {
      const inner = graph.sections.get(node.name);
      if (state.tasks[node.name]?.kind === "open" && inner !== undefined) open.push(inner);
      else broken.push(...breakOff(state, node, halt));
    }
  }
}

function breakOff(state: RunState, node: GraphNode, halt: Halt): Broken[] {
  const now = state.tasks[node.name];
  switch (now?.kind) {
    case "running":
      if (now.stop !== undefined) return [];
      state.tasks[node.name] = { ...now, stop: halt };
      return [{ kind: "stop", node }];
    case "delayed":
      return [{ kind: "settled", node, state: failed(now.attempt - 1, haltOutcome(halt, now.last)) }];
    case "ready":
    case "asking":
    case "waiting": {
      const begun = now.kind === "ready" && hasTried(state, node.name, now);
      const end = begun ? failed(now.attempt - 1, haltOutcome(halt)) : skipped(halt);
      return [{ kind: "settled", node, state: end }];
    }
    default:
      return [];
  }
}

function failed(attempts: number, outcome: Outcome): TaskState {
  return { kind: "failed", attempts, outcome };
}

function skipped(halt: Halt): TaskState {
  return { kind: "skipped", reason: halt.message };
}

/** How a task ended that ran, or would have run again, whatever its last attempt said. */
export function haltOutcome({ kind, message }: Halt, last?: Outcome): Outcome {
  const times = timesOf(last);
  return kind === "timeout" ? { kind, which: "run", message, ...times } : { kind: "cancelled", message, ...times };
}

/** Attempts whose end was asked for and is not told yet. */
export function isStopping(state: RunState): boolean {
  return Object.values(state.tasks).some((task) => task.kind === "running" && task.stop !== undefined);
}
