import type { Asked } from "./control.ts";
import type { Graph } from "./graph.ts";
import { isTaskName } from "./ids.ts";
import { detailFor, type ItemDetail, spreadReport, type SpreadReport } from "./item-report.ts";
import type { JsonObject } from "./json.ts";
import { isSettled } from "./run-state.ts";
import type { RunState } from "./task-state.ts";
import { type UnitReport, unitReport } from "./unit-report.ts";
import { verdict } from "./verdict.ts";

/** The result of `runDag`, the `details[0]` of its failure, and the answer of the query `state`: one shape. */
export interface RunReport {
  readonly state: "queued" | "running" | "paused" | "succeeded" | "failed" | "cancelled";
  /** Why it is queued. */
  readonly reason?: string;
  /** In the order the tasks were written. */
  readonly tasks: Readonly<Record<string, TaskReport>>;
  readonly outputs: JsonObject;
  /** The workflow id of the closed run that this one goes on from: what succeeded there is reused. */
  readonly rerunOf?: string;
  /** Params that were set since the run began. */
  readonly params?: JsonObject;
  /** What people asked of the run, the oldest first; only the newest are kept. */
  readonly controls?: readonly Asked[];
  /** What was left out so that the report fits a payload; absent where it is whole. */
  readonly shortened?: string;
}

/** Of a task; where it has `forEach`, with its items. */
export interface TaskReport extends UnitReport, Omit<Partial<SpreadReport>, "attempts"> {}

/** `closed` is false while pods are still being released: then the run is `running` although its tasks are settled. */
export function reportOf(graph: Graph, state: RunState, closed: boolean, detail = detailFor(state)): RunReport {
  const tasks = Object.fromEntries([...graph.keys()].map((name) => [name, taskReport(graph, state, name, detail)]));
  const { controls, rerunOf, params } = state;
  const told = {
    ...(rerunOf !== undefined && { rerunOf }),
    ...(params && { params }),
    ...(controls !== undefined && { controls }),
  };
  return { state: stateOf(graph, state, closed), tasks, outputs: {}, ...told };
}

export function stateOf(graph: Graph, state: RunState, closed: boolean): RunReport["state"] {
  if (closed && isSettled(state)) return verdict(graph, state);
  return state.paused === undefined ? "running" : "paused";
}

export function taskReport(graph: Graph, state: RunState, name: string, detail: ItemDetail = "all"): TaskReport {
  if (!isTaskName(name)) return { state: "waiting", attempts: 0 };
  const own = unitReport(graph, state, { task: name });
  const node = graph.get(name);
  return node?.each === undefined ? own : { ...own, ...spreadReport(graph, state, node, detail) };
}
