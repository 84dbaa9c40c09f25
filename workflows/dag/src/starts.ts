import { delayOf, sinceOf } from "./attempt-end.ts";
import type { Graph } from "./graph.ts";
import type { TaskName } from "./ids.ts";
import { nextWaiting } from "./items.ts";
import { attemptsBefore } from "./passes.ts";
import { admissions, isAsking } from "./pool/admission.ts";
import { NOTHING_SPENT } from "./retry.ts";
import { enter, groupsAround } from "./sections.ts";
import { type Effects, type RunState, type Start, taskNames, type TaskState, type Trying } from "./task-state.ts";
import { putUnit, type Unit, unitOf, unitState } from "./units.ts";

/**
 * Takes what is ready, first come first served, while there is room in the run, in every group around it and among the items of
 * its task, and marks it running.
 */
export function takeStarts(graph: Graph, state: RunState): Start[] {
  const starts: Start[] = [];
  if (state.paused !== undefined) return starts;
  const window = graph.sections.get("")?.parallelism ?? 0;
  const admits = admissions(graph, state);
  for (let at = 0; state.running < window && at < state.ready.length; ) {
    const first = state.ready[at];
    const next = first === undefined ? undefined : nextOf(state, first);
    if (next === undefined) state.ready.splice(at, 1);
    else if (!admits(next.unit, next.trying.attempt)) {
      if (next.unit !== first && isAsking(state, next.unit)) {
        // An item that waits in a pool stands for itself; the task goes on to the next one.
        putUnit(state, next.unit, { ...next.trying, kind: "ready" });
        state.ready.splice(at, 0, next.unit);
      }
      at += 1;
    } else if (isHeld(graph, state, next.unit)) at += 1;
    else {
      if (next.unit === first) state.ready.splice(at, 1);
      putUnit(state, next.unit, { ...next.trying, kind: "running" });
      enter(state, groupsAround(graph, next.unit.task));
      starts.push(startOf(next.unit, next.trying));
    }
  }
  return starts;
}

/** What an entry of `ready` lets start now; nothing any more, where something else has become of it. */
function nextOf(state: RunState, entry: Unit): { readonly unit: Unit; readonly trying: Trying } | undefined {
  const now = unitState(state, entry);
  if (now?.kind === "ready") return { unit: entry, trying: now };
  const items = now?.kind === "spread" ? state.items?.[entry.task] : undefined;
  const index = items === undefined ? undefined : nextWaiting(items);
  if (index === undefined) return undefined;
  const unit = { task: entry.task, index };
  return { unit, trying: { attempt: 1 + attemptsBefore(state, unit), spent: NOTHING_SPENT } };
}

/** Nothing starts while as many run as may. */
function isHeld(graph: Graph, state: RunState, { task, index }: Unit): boolean {
  const items = index === undefined ? undefined : state.items?.[task];
  const mostItems = graph.get(task)?.each?.parallelism ?? Infinity;
  return (items?.running ?? 0) >= mostItems || groupsAround(graph, task).some((group) => isFull(graph, state, group));
}

function isFull(graph: Graph, state: RunState, group: TaskName): boolean {
  return (state.sections[group]?.running ?? 0) >= (graph.sections.get(group)?.parallelism ?? Infinity);
}

function startOf(unit: Unit, { attempt, last, ...trying }: Trying): Start {
  return { ...unitOf(unit), attempt, ...sinceOf(trying), ...(last !== undefined && { previous: last }) };
}

/** What is under way in a state that was handed on: ends of attempts, delays and holds, and answers, that somebody must tell again. */
export function inFlight(
  graph: Graph,
  state: RunState,
): Pick<Effects, "delays" | "asks" | "gives" | "holds"> & { readonly starts: Start[] } {
  const starts: Start[] = [];
  const gives: Unit[] = [];
  const delays: Effects["delays"] = [];
  const names = taskNames(state);
  const asks = names.filter((task) => state.tasks[task]?.kind === "asking");
  const holds = names.filter((task) => state.tasks[task]?.kind === "held");
  for (const [unit, now] of liveUnits(state)) {
    const node = graph.get(unit.task);
    if (now.kind === "running") starts.push(startOf(unit, now));
    if (now.kind === "giving") gives.push(unit);
    if (now.kind === "delayed" && node !== undefined)
      delays.push({ ...unit, attempt: now.attempt, ms: delayOf(state, node, unit, now) });
  }
  return { starts, delays, asks, gives, holds };
}

/** Tasks, and the items of those that are spread. */
function* liveUnits(state: RunState): Generator<readonly [Unit, TaskState]> {
  for (const task of taskNames(state)) {
    const now = state.tasks[task];
    if (now?.kind === "spread") yield* liveItems(state, task);
    else if (now !== undefined) yield [{ task }, now];
  }
}

function* liveItems(state: RunState, task: TaskName): Generator<readonly [Unit, TaskState]> {
  for (const index of state.items?.[task]?.states.keys() ?? []) {
    const now = unitState(state, { task, index });
    if (now !== undefined) yield [{ task, index }, now];
  }
}

/** Attempts whose end was asked for and is not told yet. */
export function isStopping(state: RunState): boolean {
  for (const [, now] of liveUnits(state)) if (now.kind === "running" && now.stop !== undefined) return true;
  return false;
}
