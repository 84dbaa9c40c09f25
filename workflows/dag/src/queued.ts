import type { CompiledDag } from "./compiled.ts";
import type { Control } from "./control.ts";
import { remember } from "./controls.ts";
import type { Graph } from "./graph.ts";
import type { RunReport } from "./report.ts";
import { newSections } from "./sections.ts";
import type { RunState, TaskState } from "./task-state.ts";

/** A run that waits for its turn. */
export function queuedReport({ tasks }: CompiledDag, reason: string): RunReport {
  const waiting = tasks.map(({ name }) => [name, { state: "waiting", attempts: 0 }] as const);
  return { state: "queued", reason, tasks: Object.fromEntries(waiting), outputs: {} };
}

/** A run that was cancelled before its turn: nothing of it runs, its `finally` neither, since there is nothing to take away. */
export function neverBegun(graph: Graph, seed: string, reason: string, control?: Control): RunState {
  const skipped: TaskState = { kind: "skipped", reason };
  const tasks = Object.fromEntries([...graph.keys()].map((name) => [name, skipped]));
  const sections = Object.fromEntries(
    Object.keys(newSections(graph)).map((group) => [group, { tasks: 0, last: 0, running: 0 }]),
  );
  const counts = { running: 0, unsettled: 0, outputBytes: 0 };
  const state: RunState = { seed, tasks, ready: [], ...counts, failures: [], sections, cancelled: { reason } };
  if (control !== undefined) remember(state, control);
  return state;
}
