import type { Graph } from "./graph.ts";
import { briefOutcome, sharedEnd } from "./items.ts";
import type { RunState, TaskState } from "./task-state.ts";
import type { Unit } from "./units.ts";

/**
 * A run's state as one hop hands it to the next: states that tasks have in common are written once. Positions are those of the
 * graph, which both hops make of the same compiled DAG.
 */
export interface PackedRun extends Omit<RunState, "tasks" | "ready"> {
  readonly states: readonly TaskState[];
  /** Of each task, which of `states`. */
  readonly tasks: readonly number[];
  /** Of each unit its task, and of an item its index too. */
  readonly ready: readonly (number | readonly [number, number])[];
}

/**
 * `lean`: of how attempts ended only what decides, and what people are told first, so that thousands of failures fit; the events
 * of the attempts have the rest.
 */
export function packRun(graph: Graph, { tasks, ready, ...rest }: RunState, lean = false): PackedRun {
  const states: TaskState[] = [];
  const known = new Map<string, number>();
  const ends: TaskState[] = [];
  const at = [...graph.keys()].map((name) => {
    const now = tasks[name] ?? { kind: "waiting" };
    const kept = lean ? leanState(ends, now) : now;
    const text = JSON.stringify(kept);
    const place = known.get(text) ?? states.push(kept) - 1;
    known.set(text, place);
    return place;
  });
  const places = new Map([...graph.keys()].map((name, place) => [name, place]));
  const units = ready.flatMap(({ task, index }): PackedRun["ready"][number][] => {
    const place = places.get(task);
    if (place === undefined) return [];
    return [index === undefined ? place : [place, index]];
  });
  return { ...rest, states, tasks: at, ready: units };
}

function leanState(ends: TaskState[], now: TaskState): TaskState {
  if (now.kind === "failed" && now.outputs === undefined) {
    const { attempts } = now;
    const end = ends[sharedEnd(ends, { ...now, attempts: 0, outcome: briefOutcome(now.outcome) })];
    return end?.kind === "failed" ? { ...end, attempts } : now;
  }
  if (now.kind === "failed") return { ...now, outcome: briefOutcome(now.outcome) };
  if (now.kind === "delayed") return { ...now, last: briefOutcome(now.last) };
  if ((now.kind === "ready" || now.kind === "running") && now.last !== undefined)
    return { ...now, last: briefOutcome(now.last) };
  return now;
}

export function unpackRun(graph: Graph, { states, tasks, ready, ...rest }: PackedRun): RunState {
  const names = [...graph.keys()];
  const waiting: TaskState = { kind: "waiting" };
  return {
    ...rest,
    tasks: Object.fromEntries(names.map((name, at) => [name, states[tasks[at] ?? -1] ?? waiting])),
    ready: ready.flatMap((one): Unit[] => {
      const [place, index] = typeof one === "number" ? [one, undefined] : one;
      const task = names[place];
      return task === undefined ? [] : [index === undefined ? { task } : { task, index }];
    }),
  };
}
