import type { Graph, GraphNode } from "./graph.ts";
import { isTaskName, type TaskName } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import type { Outcome, OutcomeKind } from "./outcome.ts";
import { isSettled, type RunState, type TaskState, verdict } from "./run-state.ts";

/** The result of `runDag`, the `details[0]` of its failure, and the answer of the query `state`: one shape. */
export interface RunReport {
  readonly state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
  /** In the order the tasks were written. */
  readonly tasks: Readonly<Record<string, TaskReport>>;
  readonly outputs: JsonObject;
}

export interface TaskReport {
  readonly state: "waiting" | "running" | "retrying" | "succeeded" | "failed" | "skipped" | "upstream_failed";
  /** Why a skipped or upstream_failed task did not run, or what a waiting one waits for. */
  readonly reason?: string;
  /** The kind of the outcome that decided, or of the last attempt while retrying. */
  readonly kind?: OutcomeKind;
  /** Attempts started so far. */
  readonly attempts: number;
  /** What the task hands on, by name; of a skipped one its defaults. */
  readonly outputs?: JsonObject;
  /** One sentence: how the deciding attempt ended. */
  readonly message?: string;
}

/** Characters of a message in a report. */
const MESSAGE = 400;

/** `closed` is false while pods are still being released: then the run is `running` although its tasks are settled. */
export function reportOf(graph: Graph, state: RunState, closed: boolean): RunReport {
  const tasks = Object.fromEntries([...graph.keys()].map((name) => [name, taskReport(graph, state, name)]));
  return { state: closed && isSettled(state) ? verdict(graph, state) : "running", tasks, outputs: {} };
}

export function taskReport(graph: Graph, state: RunState, name: string): TaskReport {
  const task = state.tasks[name] ?? { kind: "waiting" };
  switch (task.kind) {
    case "waiting":
      return { state: "waiting", attempts: 0 };
    case "ready":
      return { state: "waiting", attempts: task.attempt - 1 };
    case "running":
      return task.unwatched === undefined
        ? { state: "running", attempts: task.attempt }
        : { state: "waiting", attempts: task.attempt - 1, reason: task.unwatched };
    case "delayed":
      return { state: "retrying", attempts: task.attempt - 1, kind: task.last.kind, message: brief(task.last.message) };
    case "succeeded":
      return { state: "succeeded", attempts: task.attempts, ...outputsOf(task.outputs) };
    case "failed":
      return {
        state: "failed",
        attempts: task.attempts,
        kind: task.outcome.kind,
        ...outputsOf(task.outputs),
        message: brief(task.outcome.message),
      };
    case "skipped":
      return {
        state: "skipped",
        attempts: task.attempts ?? 0,
        reason: task.reason,
        ...outputsOf(nodeOf(graph, name)?.outputs),
      };
    case "upstream_failed":
      return { state: "upstream_failed", attempts: 0, reason: upstreamReason(graph, state, name) };
  }
}

function outputsOf(outputs: JsonObject | undefined): Pick<TaskReport, "outputs"> {
  return outputs === undefined || Object.keys(outputs).length === 0 ? {} : { outputs };
}

function nodeOf(graph: Graph, name: string): GraphNode | undefined {
  return isTaskName(name) ? graph.get(name) : undefined;
}

/** A report of thousands of failures must fit a payload (2 MB); the whole text is in the attempt's event. */
function brief(message: string): string {
  return message.length <= MESSAGE ? message : `${message.slice(0, MESSAGE - 1)}…`;
}

/** Names the first failed upstream in written order, so the sentence does not depend on timing. */
function upstreamReason(graph: Graph, state: RunState, name: string): string {
  const bad: readonly TaskState["kind"][] = ["failed", "upstream_failed"];
  const after = nodeOf(graph, name)?.after ?? [];
  const culprit = after.find((upstream) => bad.includes(state.tasks[upstream]?.kind ?? "waiting"));
  return `${culprit ?? "an upstream"} did not succeed`;
}

/** The task that failed first, and how: the cause, not the last effect. Undefined where nothing failed. */
export function firstCause(state: RunState): { readonly task: TaskName; readonly outcome: Outcome } | undefined {
  const [task] = state.failures;
  const failed = task === undefined ? undefined : state.tasks[task];
  return task !== undefined && failed?.kind === "failed" ? { task, outcome: failed.outcome } : undefined;
}

/** `b failed: exit code 3`. Undefined where nothing failed. */
export function failureMessage(state: RunState): string | undefined {
  const first = firstCause(state);
  if (first === undefined) return undefined;
  const others = state.failures.length - 1;
  const more = others === 0 ? "" : ` (and ${others} more task${others === 1 ? "" : "s"} failed)`;
  return `${first.task} failed: ${brief(first.outcome.message)}${more}`;
}
