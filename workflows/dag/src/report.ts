import { brief } from "./failures.ts";
import type { Asked } from "./control.ts";
import type { Graph } from "./graph.ts";
import { isTaskName, type TaskName } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import type { OutcomeKind } from "./outcome.ts";
import { attemptsMade } from "./passes.ts";
import { isSettled } from "./run-state.ts";
import type { RunState, TaskState } from "./task-state.ts";
import { type Unit, unitState } from "./units.ts";
import { verdict } from "./verdict.ts";

/** The result of `runDag`, the `details[0]` of its failure, and the answer of the query `state`: one shape. */
export interface RunReport {
  readonly state: "queued" | "running" | "paused" | "succeeded" | "failed" | "cancelled";
  /** In the order the tasks were written. */
  readonly tasks: Readonly<Record<string, TaskReport>>;
  readonly outputs: JsonObject;
  /** What people asked of the run, the oldest first; only the newest are kept. */
  readonly controls?: readonly Asked[];
  /** What was left out so that the report fits a payload; absent where it is whole. */
  readonly shortened?: string;
}

export interface TaskReport {
  readonly state: "waiting" | "running" | "retrying" | "succeeded" | "failed" | "skipped" | "upstream_failed";
  /** Why a skipped or upstream_failed task did not run, what a waiting one waits for, or what a person said of it. */
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

/** `closed` is false while pods are still being released: then the run is `running` although its tasks are settled. */
export function reportOf(graph: Graph, state: RunState, closed: boolean): RunReport {
  const tasks = Object.fromEntries([...graph.keys()].map((name) => [name, taskReport(graph, state, name)]));
  const { controls } = state;
  return { state: stateOf(graph, state, closed), tasks, outputs: {}, ...(controls !== undefined && { controls }) };
}

export function stateOf(graph: Graph, state: RunState, closed: boolean): RunReport["state"] {
  if (closed && isSettled(state)) return verdict(graph, state);
  return state.paused === undefined ? "running" : "paused";
}

export function taskReport(graph: Graph, state: RunState, name: string): TaskReport {
  return isTaskName(name) ? unitReport(graph, state, { task: name }) : { state: "waiting", attempts: 0 };
}

export function unitReport(graph: Graph, state: RunState, unit: Unit): TaskReport {
  const now = unitState(state, unit) ?? { kind: "waiting" };
  switch (now.kind) {
    case "waiting":
    case "asking":
    case "ready":
      return { state: "waiting", attempts: attemptsMade(state, unit) };
    case "running":
      return now.unwatched === undefined
        ? { state: "running", attempts: now.attempt, ...(now.stop !== undefined && { reason: now.stop.message }) }
        : { state: "waiting", attempts: now.attempt - 1, reason: now.unwatched };
    case "open":
    case "spread":
      return { state: "running", attempts: 0 };
    case "delayed":
      return { state: "retrying", attempts: now.attempt - 1, kind: now.last.kind, message: brief(now.last.message) };
    case "succeeded":
      return {
        state: "succeeded",
        attempts: now.attempts,
        ...(now.reason !== undefined && { reason: brief(now.reason) }),
        ...outputsOf(now.outputs),
      };
    case "failed":
      return {
        state: "failed",
        attempts: now.attempts,
        kind: now.outcome.kind,
        ...outputsOf(now.outputs),
        message: brief(now.outcome.message),
      };
    case "skipped":
      return {
        state: "skipped",
        attempts: attemptsMade(state, unit),
        reason: now.reason,
        ...outputsOf(graph.get(unit.task)?.outputs),
      };
    case "upstream_failed":
      return {
        state: "upstream_failed",
        attempts: attemptsMade(state, unit),
        reason: upstreamReason(graph, state, unit.task),
      };
  }
}

function outputsOf(outputs: JsonObject | undefined): Pick<TaskReport, "outputs"> {
  return outputs === undefined || Object.keys(outputs).length === 0 ? {} : { outputs };
}

/** A report of thousands of failures must fit a payload (2 MB); the whole text is in the attempt's event. */

/** Names the first failed upstream in written order, so the sentence does not depend on timing. */
function upstreamReason(graph: Graph, state: RunState, name: TaskName): string {
  const bad: readonly TaskState["kind"][] = ["failed", "upstream_failed"];
  const { after = [], group } = graph.get(name) ?? {};
  const culprit = after.find((upstream) => bad.includes(state.tasks[upstream]?.kind ?? "waiting"));
  return culprit === undefined && group !== undefined
    ? `the group ${group} did not begin`
    : `${culprit ?? "an upstream"} did not succeed`;
}
