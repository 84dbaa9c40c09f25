import { type Control, type ControlKind } from "./control.ts";
import { remember } from "./controls.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { isTaskName, type TaskName } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import { reset, toReset } from "./reset.ts";
import { hold } from "./run-outputs.ts";
import { beginRun } from "./run-state.ts";
import { count } from "./sections.ts";
import { consider, decide } from "./settle.ts";
import { settleAs } from "./tallies.ts";
import { type Effects, noEffects, type RunState, settledState, type TaskState } from "./task-state.ts";
import type { UnitReport } from "./unit-report.ts";

/** What a closed run may be asked for: it begins anew, as another run that takes over what succeeded. */
export const RERUNS = ["retry", "clear"] as const satisfies readonly ControlKind[];
export type RerunControl = Extract<Control, { readonly kind: (typeof RERUNS)[number] }>;

/** A task of the run before: what is taken over of it. */
export interface EarlierTask extends Pick<UnitReport, "state" | "attempts" | "reason"> {
  readonly outputs?: JsonObject;
}

/** A run that goes on where a closed one ended: with its DAG, its params and its date. */
export interface Rerun {
  /** The closed run's workflow id. */
  readonly of: string;
  readonly control: RerunControl;
  readonly tasks: Readonly<Record<string, EarlierTask>>;
}

/**
 * The run before, as far as it got, then the control: what failed, what was broken off, what the control names and what depends
 * on these runs again, the rest counts as it was. A task with `forEach` runs again whole: its items are not handed on.
 */
export function beginAgain(
  graph: Graph,
  seed: string,
  { of, control, tasks }: Rerun,
): { state: RunState; effects: Effects; again: readonly TaskName[] } {
  const { state } = beginRun(graph, seed, false);
  for (const node of graph.values()) takeOver(graph, state, node, tasks[node.name], of);
  const again = [...new Set(firstOf(graph, state, tasks, control).flatMap((what) => toReset(graph, state, what)))];
  reset(graph, state, noEffects(), again);
  delete state.passes;
  state.rerunOf = of;
  remember(state, control);
  const settled = [...graph.keys()].flatMap((task) =>
    settledState(state.tasks[task]) === undefined ? [] : [{ task }],
  );
  const begun = beginningOf(graph, state);
  return { state, effects: { ...begun, settled: [...settled, ...begun.settled] }, again };
}

/** What `reset` has begun nobody has carried out: it is said again by the state. */
function beginningOf(graph: Graph, state: RunState): Effects {
  const effects = noEffects();
  consider(graph, state, effects, [...graph.values()]);
  for (const name of Object.keys(state.tasks).filter(isTaskName)) {
    const kind = state.tasks[name]?.kind;
    if (kind === "asking" && !effects.asks.includes(name)) effects.asks.push(name);
    if (kind === "held" && !effects.holds.includes(name)) effects.holds.push(name);
    if (kind === "giving" && !effects.gives.some(({ task }) => task === name)) effects.gives.push({ task: name });
  }
  return effects;
}

function takeOver(graph: Graph, state: RunState, node: GraphNode, task: EarlierTask | undefined, of: string): void {
  const before = task === undefined ? undefined : stateBefore(task, of);
  if (before === undefined) return;
  const outputs = before.kind === "succeeded" ? before.outputs : undefined;
  if (outputs !== undefined && !hold(state, outputs)) return;
  settleAs(graph, state, node, before);
  state.unsettled -= 1;
  count(graph, state, node);
  if (before.kind === "failed") state.failures.push(node.name);
}

/** Undefined: it had no end. Attempts are counted anew, for another chain names other pods. */
function stateBefore({ state, reason = "", attempts, outputs }: EarlierTask, of: string): TaskState | undefined {
  switch (state) {
    case "succeeded":
      return { kind: "succeeded", attempts: 0, reason: `reused from ${of}`, ...(outputs !== undefined && { outputs }) };
    case "failed":
      return { kind: "failed", attempts: 0, outcome: { kind: "cancelled", message: reason } };
    case "skipped":
      return { kind: "skipped", reason, ...((attempts > 0 || !isDecided(reason)) && { byHand: true }) };
    case "upstream_failed":
      return { kind: "upstream_failed" };
    default:
      return undefined;
  }
}

/** A skip that a person or the task's own exit code said stays what it is. */
function isDecided(reason: string): boolean {
  return !reason.startsWith("marked skipped");
}

type Clear = Extract<Control, { readonly kind: "clear" }>;

/** What is to run again, as controls: each takes with it what depends on it. */
function firstOf(graph: Graph, state: RunState, tasks: Rerun["tasks"], control: RerunControl): readonly RerunControl[] {
  const clear = (task: TaskName): Clear => ({ kind: "clear", task, upstream: false, downstream: true });
  const lost = [...graph.values()].filter((node) => isLost(graph, state, node, tasks[node.name]));
  return [control, { kind: "retry" }, ...lost.map(({ name }) => clear(name))];
}

const IF_FALSE = "its `if` is false";

/** Its items, its outputs or its own end are not there: it was broken off with the run before, or never began. */
function isLost(graph: Graph, state: RunState, node: GraphNode, before: EarlierTask | undefined): boolean {
  const now = state.tasks[node.name];
  if (node.each !== undefined) return now?.kind === "succeeded" || now?.kind === "failed";
  if (now?.kind !== "skipped" || now.byHand === true || before?.reason === IF_FALSE) return false;
  if (node.group !== undefined && state.tasks[node.group]?.kind === "skipped") return false;
  const next = decide(graph, state, node)?.kind;
  return next !== undefined && next !== "skipped" && next !== "upstream_failed";
}
