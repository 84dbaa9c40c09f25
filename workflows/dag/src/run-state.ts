import { afterAttempt } from "./attempt-end.ts";
import { formatDuration } from "./duration.ts";
import type { Graph } from "./graph.ts";
import { afterHold, heldNow, holding } from "./held.ts";
import { hearPool } from "./pool/admission.ts";
import { queueUp } from "./pool/ready.ts";
import { groupsAround, leave, newSections } from "./sections.ts";
import { answered, breakOff, consider, given, settle } from "./settle.ts";
import { type Change, type Effects, type Halt, noEffects, type RunState, type TaskState } from "./task-state.ts";
import { putUnit, unitOf, unitState } from "./units.ts";

/** All tasks waiting, then whatever may start at once becomes ready (a noop succeeds at once); not yet where it is not `considered`. */
export function beginRun(graph: Graph, seed: string, considered = true): { state: RunState; effects: Effects } {
  const waiting: TaskState = { kind: "waiting" };
  const tasks = Object.fromEntries([...graph.keys()].map((name) => [name, waiting]));
  const counts = { running: 0, unsettled: graph.size, outputBytes: 0 };
  const state: RunState = { seed, tasks, ready: [], ...counts, failures: [], sections: newSections(graph) };
  const effects = noEffects();
  if (considered) consider(graph, state, effects, [...graph.values()]);
  return { state, effects };
}

export function isSettled(state: RunState): boolean {
  return state.unsettled === 0;
}

/** A paused run stays open when its tasks are settled: what failed may be tried again. */
export function isOver(state: RunState): boolean {
  return isSettled(state) && state.paused === undefined;
}

/** Folds one change in. A change that no longer fits (a late or repeated one) does nothing. */
export function apply(graph: Graph, state: RunState, change: Change): Effects {
  const effects = noEffects();
  switch (change.kind) {
    case "ended":
      ended(graph, state, effects, change);
      break;
    case "unwatched":
      unwatched(state, effects, change);
      break;
    case "answered":
      answered(graph, state, effects, change);
      break;
    case "given":
      given(graph, state, effects, change);
      break;
    case "holding":
      holding(state, effects, change);
      break;
    case "over":
      over(graph, state, effects, change);
      break;
    case "due":
      due(graph, state, change);
      break;
    case "pool":
      hearPool(graph, state, effects, change.word);
      break;
    case "cancel":
      cancel(graph, state, effects, change.reason);
      break;
    case "timeout":
      halt(graph, state, effects, runTimeout(graph));
      break;
  }
  return effects;
}

function ended(graph: Graph, state: RunState, effects: Effects, change: Extract<Change, { kind: "ended" }>): void {
  const unit = unitOf(change);
  const now = unitState(state, unit);
  const node = graph.get(change.task);
  if (node === undefined || now?.kind !== "running" || now.attempt !== change.attempt) return;
  leave(state, groupsAround(graph, node.name));
  const next = afterAttempt(state, node, now, change);
  if (next.kind === "settled") return settle(graph, state, effects, unit, next.state);
  putUnit(state, unit, next.state);
  effects.delays.push({ ...unit, attempt: next.state.attempt, ms: next.ms });
}

function unwatched(state: RunState, effects: Effects, change: Extract<Change, { kind: "unwatched" }>): void {
  const { attempt, reason } = change;
  const unit = unitOf(change);
  const now = unitState(state, unit);
  if (now?.kind !== "running" || now.attempt !== attempt) return;
  const { unwatched: before, ...watched } = now;
  putUnit(state, unit, reason === undefined ? watched : { ...watched, unwatched: reason });
  if (reason !== undefined && before === undefined) effects.unwatched.push({ ...unit, attempt, reason });
}

function over(graph: Graph, state: RunState, effects: Effects, change: Extract<Change, { kind: "over" }>): void {
  const node = graph.get(change.task);
  if (node === undefined || heldNow(state, change) === undefined) return;
  settle(graph, state, effects, { task: node.name }, afterHold(state, node, change.end));
}

function due(graph: Graph, state: RunState, { attempt, ...change }: Extract<Change, { kind: "due" }>): void {
  const unit = unitOf(change);
  const now = unitState(state, unit);
  if (now?.kind !== "delayed" || now.attempt !== (attempt ?? now.attempt)) return;
  putUnit(state, unit, { ...now, kind: "ready" });
  queueUp(graph, state, unit);
}

function cancel(graph: Graph, state: RunState, effects: Effects, reason: string): void {
  if (state.cancelled !== undefined || isOver(state)) return;
  state.cancelled = { reason };
  delete state.paused;
  halt(graph, state, effects, { kind: "cancel", message: reason });
}

function runTimeout({ timeoutMs = 0 }: Graph): Halt {
  return { kind: "timeout", message: `not done within the run's timeout (${formatDuration(timeoutMs)})` };
}

/** Of the whole run. What stands under `finally` goes on, or begins. */
function halt(graph: Graph, state: RunState, effects: Effects, why: Halt): void {
  if ((state.sections[""]?.tasks ?? 0) === 0) return;
  consider(graph, state, effects, breakOff(graph, state, effects, "", why));
}
