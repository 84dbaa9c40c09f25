import type { Graph, Section } from "./graph.ts";
import type { TaskName } from "./ids.ts";
import { type Outcome, timesOf } from "./outcome.ts";
import { hasTried } from "./passes.ts";
import type { Halt, RunState, TaskState } from "./task-state.ts";
import { putUnit, type Unit, unitState } from "./units.ts";

/** What a halt makes of one unit. `stop`: it runs on until its end is told. */
export type Broken =
  | { readonly kind: "settled"; readonly unit: Unit; readonly state: TaskState }
  | { readonly kind: "stop"; readonly unit: Unit };

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
      else broken.push(...breakOffTask(state, node.name, halt));
    }
  }
}

/** The task, or once it is spread its items. */
function unitsOf(state: RunState, task: TaskName): Unit[] {
  const items = state.tasks[task]?.kind === "spread" ? state.items?.[task] : undefined;
  return items === undefined ? [{ task }] : Array.from(items.states.keys(), (index) => ({ task, index }));
}

/** One task, or once it is spread each of its items. */
export function breakOffTask(state: RunState, task: TaskName, halt: Halt): Broken[] {
  return unitsOf(state, task).flatMap((unit) => breakOff(state, unit, halt));
}

function breakOff(state: RunState, unit: Unit, halt: Halt): Broken[] {
  const now = unitState(state, unit);
  switch (now?.kind) {
    case "running":
      if (now.stop !== undefined) return [];
      putUnit(state, unit, { ...now, stop: halt });
      return [{ kind: "stop", unit }];
    case "delayed":
      return [{ kind: "settled", unit, state: failed(now.attempt - 1, haltOutcome(halt, now.last)) }];
    case "giving":
    case "held":
      return [{ kind: "settled", unit, state: failed(0, haltOutcome(halt)) }];
    case "ready":
    case "asking":
    case "waiting": {
      const begun = now.kind === "ready" && hasTried(state, unit, now);
      const end = begun ? failed(now.attempt - 1, haltOutcome(halt)) : skipped(halt);
      return [{ kind: "settled", unit, state: end }];
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

/** Somebody asked for the end of this one attempt, in a run that goes on. */
export function isStopped(state: RunState, unit: Unit): boolean {
  const now = unitState(state, unit);
  return state.cancelled === undefined && now?.kind === "running" && now.stop?.kind === "cancel";
}
