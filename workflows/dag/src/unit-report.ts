import { brief } from "./failures.ts";
import type { Graph } from "./graph.ts";
import type { Approval, Hold } from "./held.ts";
import type { TaskName } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import type { OutcomeKind } from "./outcome.ts";
import { attemptsMade } from "./passes.ts";
import { poolReason } from "./pool/admission.ts";
import type { RunState, TaskState } from "./task-state.ts";
import { type Unit, unitState } from "./units.ts";

/** Of a task, or of one item. */
export interface UnitReport {
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
  /** Of an approval that waits: who is asked, and for what. */
  readonly approval?: Approval;
}

/** Of a task with `forEach` without its items, and without what they hand on. */
export function unitReport(graph: Graph, state: RunState, unit: Unit): UnitReport {
  const now = unitState(state, unit) ?? { kind: "waiting" };
  switch (now.kind) {
    case "waiting":
    case "asking":
    case "ready":
      return { state: "waiting", attempts: attemptsMade(state, unit), ...reasonOf(poolReason(graph, state, unit)) };
    case "held":
      return { state: "waiting", attempts: attemptsMade(state, unit), ...holdReport(graph, unit.task, now.on) };
    case "running":
      return now.unwatched === undefined
        ? { state: "running", attempts: now.attempt, ...(now.stop !== undefined && { reason: now.stop.message }) }
        : { state: "waiting", attempts: now.attempt - 1, reason: now.unwatched };
    case "open":
    case "giving":
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
        ...outputsOf(graph.get(unit.task)?.each === undefined ? graph.get(unit.task)?.outputs : undefined),
      };
    case "upstream_failed":
      return {
        state: "upstream_failed",
        attempts: attemptsMade(state, unit),
        reason: upstreamReason(graph, state, unit.task),
      };
  }
}

function reasonOf(reason: string | undefined): Pick<UnitReport, "reason"> {
  return reason === undefined ? {} : { reason };
}

function holdReport(graph: Graph, task: TaskName, on: Hold | undefined): Pick<UnitReport, "reason" | "approval"> {
  const { approval } = graph.get(task) ?? {};
  return { ...reasonOf(on && brief(on.reason)), ...(approval !== undefined && { approval }) };
}

function outputsOf(outputs: JsonObject | undefined): Pick<UnitReport, "outputs"> {
  return outputs === undefined || Object.keys(outputs).length === 0 ? {} : { outputs };
}

/** Names the first failed upstream in written order, so the sentence does not depend on timing. */
function upstreamReason(graph: Graph, state: RunState, name: TaskName): string {
  const bad: readonly TaskState["kind"][] = ["failed", "upstream_failed"];
  const { after = [], group } = graph.get(name) ?? {};
  const culprit = after.find((upstream) => bad.includes(state.tasks[upstream]?.kind ?? "waiting"));
  return culprit === undefined && group !== undefined
    ? `the group ${group} did not begin`
    : `${culprit ?? "an upstream"} did not succeed`;
}
