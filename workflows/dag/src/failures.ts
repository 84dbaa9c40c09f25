import type { Graph } from "./graph.ts";
import { isTaskName, type TaskName } from "./ids.ts";
import type { Outcome } from "./outcome.ts";
import type { RunState } from "./task-state.ts";

export interface Failure {
  readonly task: TaskName;
  readonly outcome: Outcome;
  /** `cleanup`: under the `finally` of a group; `finally`: under the DAG's. */
  readonly place: "tasks" | "cleanup" | "finally";
}

/** Characters of a message in a report. */
const MESSAGE = 400;

export function brief(message: string, most = MESSAGE): string {
  return message.length <= most ? message : `${message.slice(0, most - 1)}…`;
}

/** Tasks that failed, the first cause first: those of `tasks` in the order they ended, then those of `finally`. */
export function failuresOf(graph: Graph, state: RunState): readonly Failure[] {
  const all = state.failures.flatMap((task): Failure[] => {
    const failed = state.tasks[task];
    return failed?.kind === "failed" ? [{ task, outcome: failed.outcome, place: placeOf(graph, task) }] : [];
  });
  return [...all.filter(({ place }) => place === "tasks"), ...all.filter(({ place }) => place !== "tasks")];
}

/** By the outermost `finally` that it, or a group around it, stands under. */
function placeOf(graph: Graph, task: TaskName): Failure["place"] {
  let place: Failure["place"] = "tasks";
  for (let node = graph.get(task); node !== undefined; ) {
    if (node.final === true) place = node.group === undefined ? "finally" : "cleanup";
    node = node.group === undefined ? undefined : graph.get(node.group);
  }
  return place;
}

/** The task that failed first, and how: the cause, not the last effect. Undefined where nothing failed. */
export function firstCause(graph: Graph, state: RunState): Failure | undefined {
  return failuresOf(graph, state)[0];
}

/** Within one group: the first of its tasks that failed. */
export function firstWithin(graph: Graph, state: RunState, group: TaskName): Failure | undefined {
  return failuresOf(graph, state).find(({ task }) => task.startsWith(`${group}.`) && isTaskName(task));
}

/** `b failed: exit code 3 (and 1 more task failed); in finally: report failed: exit code 1`. Undefined where nothing failed. */
export function failureMessage(graph: Graph, state: RunState): string | undefined {
  const all = failuresOf(graph, state);
  const [tasks, last] = [all.filter(({ place }) => place === "tasks"), all.filter(({ place }) => place !== "tasks")];
  const parts = [told(tasks), last.length === 0 ? undefined : `in finally: ${told(last)}`].filter(
    (part) => part !== undefined,
  );
  return parts.length === 0 ? state.sections[""]?.halt?.message : parts.join("; ");
}

function told([first, ...others]: readonly Failure[]): string | undefined {
  if (first === undefined) return undefined;
  const more = others.length === 0 ? "" : ` (and ${others.length} more task${others.length === 1 ? "" : "s"} failed)`;
  return `${first.task} failed: ${brief(first.outcome.message)}${more}`;
}
