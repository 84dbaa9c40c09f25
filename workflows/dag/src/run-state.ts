import { afterAnswer, begun } from "./begun.ts";
import { formatDuration } from "./duration.ts";
import { firstWithin } from "./failures.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { haltOutcome, haltSection } from "./halt.ts";
import type { TaskName } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import { ownExitCode } from "./outcome.ts";
import { passOf } from "./passes.ts";
import { delayBefore, retryDecision, undecided } from "./retry.ts";
import { skipReason, tallyVerdict } from "./rules.ts";
import { hold, NO_ROOM } from "./run-outputs.ts";
import { count, enter, failFastAround, groupsAround, leave, mayBegin, newSections } from "./sections.ts";
import {
  type Change,
  type Effects,
  type Halt,
  type RunState,
  settledState,
  type Start,
  taskNames,
  type Trying,
  type TaskState,
} from "./task-state.ts";
import { settleAs, tallyOf } from "./tallies.ts";
import { isTooLate, noTimeLeft } from "./total-time.ts";
import { sectionVerdict } from "./verdict.ts";

export function noEffects(): Effects {
  return { settled: [], asks: [], delays: [], stops: [], unwatched: [], cleared: [] };
}

/** All tasks waiting, then whatever may start at once becomes ready (a noop succeeds at once). */
export function beginRun(graph: Graph, seed: string): { state: RunState; effects: Effects } {
  const waiting: TaskState = { kind: "waiting" };
  const tasks = Object.fromEntries([...graph.keys()].map((name) => [name, waiting]));
  const counts = { running: 0, unsettled: graph.size, outputBytes: 0 };
  const state: RunState = { seed, tasks, ready: [], ...counts, failures: [], sections: newSections(graph) };
  const effects = noEffects();
  consider(graph, state, effects, [...graph.values()]);
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
    case "due":
      due(state, change);
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

/** What is under way in a state that was handed on: ends of attempts and delays, and answers, that somebody must tell again. */
export function inFlight(
  graph: Graph,
  state: RunState,
): Pick<Effects, "delays" | "asks"> & { readonly starts: Start[] } {
  const starts: Start[] = [];
  const asks: TaskName[] = [];
  const delays: Effects["delays"] = [];
  for (const task of taskNames(state)) {
    const now = state.tasks[task];
    const retries = graph.get(task)?.retries;
    if (now?.kind === "asking") asks.push(task);
    if (now?.kind === "running") starts.push(startOf(task, now));
    if (now?.kind === "delayed" && retries !== undefined)
      delays.push({
        task,
        attempt: now.attempt,
        ms: delayBefore(retries, now.spent, seedOf(state, task, now.attempt)),
      });
  }
  return { starts, delays, asks };
}

/** Of the attempt with this number, the delay before it. */
function seedOf(state: RunState, task: TaskName, attempt: number): string {
  return `${state.seed}/${task}/${attempt - 1}`;
}

/** Takes ready tasks, first come first served, while there is room in the run and in every group around them, and marks them running. */
export function takeStarts(graph: Graph, state: RunState): Start[] {
  const starts: Start[] = [];
  if (state.paused !== undefined) return starts;
  const window = graph.sections.get("")?.parallelism ?? 0;
  for (let at = 0; state.running < window && at < state.ready.length; ) {
    const task = state.ready[at];
    const now = task === undefined ? undefined : state.tasks[task];
    const around = task === undefined ? [] : groupsAround(graph, task);
    if (now?.kind === "ready" && around.some((group) => isFull(graph, state, group))) {
      at += 1;
      continue;
    }
    state.ready.splice(at, 1);
    if (task === undefined || now?.kind !== "ready") continue;
    state.tasks[task] = { ...now, kind: "running" };
    enter(state, around);
    starts.push(startOf(task, now));
  }
  return starts;
}

function startOf(task: TaskName, { attempt, last, ...trying }: Trying): Start {
  return { task, attempt, ...sinceOf(trying), ...(last !== undefined && { previous: last }) };
}

function isFull(graph: Graph, state: RunState, group: TaskName): boolean {
  return (state.sections[group]?.running ?? 0) >= (graph.sections.get(group)?.parallelism ?? Infinity);
}

function ended(graph: Graph, state: RunState, effects: Effects, change: Extract<Change, { kind: "ended" }>): void {
  const now = state.tasks[change.task];
  const node = graph.get(change.task);
  if (node === undefined || now?.kind !== "running" || now.attempt !== change.attempt) return;
  leave(state, groupsAround(graph, node.name));
  const outcome = now.stop === undefined ? change.outcome : haltOutcome(now.stop, change.outcome);
  const attempts = now.attempt;
  const finish = (end: Ended) => settle(graph, state, effects, node, withOutputs(state, end, change.outputs));
  if (outcome.kind === "succeeded") return finish({ kind: "succeeded", attempts });
  const code = ownExitCode(outcome);
  if (code !== undefined && node.exitCodes.skip.includes(code)) {
    settle(graph, state, effects, node, { kind: "skipped", reason: `exit code ${code}`, attempts });
    return;
  }
  const failed: Ended = { kind: "failed", attempts, outcome };
  if (code !== undefined && node.exitCodes.fail.includes(code)) return finish(failed);
  const decision = retryDecision(outcome, node.retries, now.spent, seedOf(state, node.name, attempts + 1));
  if (decision.kind === "give-up" || change.retry?.kind === "no") return finish(failed);
  if (change.retry?.kind === "broken") return finish({ ...failed, outcome: undecided(outcome, change.retry.why) });
  if (isTooLate(node, change.total, decision.delayMs)) return finish({ ...failed, outcome: noTimeLeft(node, outcome) });
  const attempt = attempts + 1;
  const since = sinceOf({ since: change.total?.since ?? now.since });
  state.tasks[node.name] = { kind: "delayed", attempt, spent: decision.spent, last: outcome, ...since };
  effects.delays.push({ task: node.name, attempt, ms: decision.delayMs });
}

function sinceOf({ since }: { readonly since?: number | undefined }): { readonly since?: number } {
  return since === undefined ? {} : { since };
}

type Ended = Extract<TaskState, { readonly kind: "succeeded" | "failed" }>;

/** Of a task that failed, what has no place is dropped; one that succeeded without a place for its outputs has failed. */
function withOutputs(state: RunState, end: Ended, outputs: JsonObject | undefined): Ended {
  if (outputs === undefined) return end;
  if (hold(state, outputs)) return { ...end, outputs };
  return end.kind === "failed" ? end : { kind: "failed", attempts: end.attempts, outcome: NO_ROOM };
}

function unwatched(state: RunState, effects: Effects, change: Extract<Change, { kind: "unwatched" }>): void {
  const { task, attempt, reason } = change;
  const now = state.tasks[task];
  if (now?.kind !== "running" || now.attempt !== attempt) return;
  const { unwatched: before, ...watched } = now;
  state.tasks[task] = reason === undefined ? watched : { ...watched, unwatched: reason };
  if (reason !== undefined && before === undefined) effects.unwatched.push({ task, attempt, reason });
}

function due(state: RunState, { task, attempt }: Extract<Change, { kind: "due" }>): void {
  const now = state.tasks[task];
  if (now?.kind !== "delayed" || now.attempt !== (attempt ?? now.attempt)) return;
  state.tasks[task] = { ...now, kind: "ready" };
  state.ready.push(task);
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

/** Gives what is to be looked at next. */
function breakOff(graph: Graph, state: RunState, effects: Effects, group: string, why: Halt): GraphNode[] {
  const section = graph.sections.get(group);
  const broken = section === undefined ? [] : haltSection(graph, state, section, why);
  return broken.flatMap((one) => {
    if (one.kind === "settled") return record(graph, state, effects, one.node, one.state);
    effects.stops.push(one.node.name);
    return [];
  });
}

/** Records a settled state, then looks at what it allows or forbids. */
export function settle(graph: Graph, state: RunState, effects: Effects, node: GraphNode, settled: TaskState): void {
  consider(graph, state, effects, record(graph, state, effects, node, settled));
}

/** A work list, not recursion: a chain may be 10,000 tasks long. */
export function consider(graph: Graph, state: RunState, effects: Effects, nodes: GraphNode[]): void {
  for (const node of nodes) {
    const next = nextOf(graph, state, node);
    if (next !== undefined) nodes.push(...advance(graph, state, effects, node, next));
  }
}

/** Gives what is to be looked at next. */
function advance(
  graph: Graph,
  state: RunState,
  effects: Effects,
  node: GraphNode,
  next: TaskState,
): readonly GraphNode[] {
  if (settledState(next) !== undefined) return record(graph, state, effects, node, next);
  state.tasks[node.name] = next;
  if (next.kind === "ready") state.ready.push(node.name);
  if (next.kind === "asking") effects.asks.push(node.name);
  const inside = next.kind === "open" ? (graph.sections.get(node.name)?.tasks ?? []) : [];
  return inside.flatMap(({ name }) => graph.get(name) ?? []);
}

/** Each pass of a task is asked once: the answer to an earlier one, or to one that a halt has settled, changes nothing. */
function answered(
  graph: Graph,
  state: RunState,
  effects: Effects,
  { task, pass = 1, answer }: Extract<Change, { kind: "answered" }>,
): void {
  const node = graph.get(task);
  if (node === undefined || state.tasks[task]?.kind !== "asking" || passOf(state, task) !== pass) return;
  consider(graph, state, effects, [...advance(graph, state, effects, node, afterAnswer(state, node, answer))]);
}

function nextOf(graph: Graph, state: RunState, node: GraphNode): TaskState | undefined {
  const now = state.tasks[node.name];
  if (now?.kind === "open") return groupEnd(graph, state, node.name);
  return now?.kind === "waiting" && mayBegin(state, node) ? decide(graph, state, node) : undefined;
}

/** What its upstreams make of a task that waits; undefined while it goes on waiting. */
export function decide(graph: Graph, state: RunState, node: GraphNode): TaskState | undefined {
  switch (tallyVerdict(node.gate, tallyOf(graph, state, node))) {
    case "wait":
      return undefined;
    case "run":
      return node.asks ? { kind: "asking" } : begun(state, node);
    case "skip":
      return { kind: "skipped", reason: skipReason(node.gate) };
    case "upstream_failed":
      return { kind: "upstream_failed" };
  }
}

/** A group ends as a run would, once nothing of it is left to do. */
function groupEnd(graph: Graph, state: RunState, group: TaskName): TaskState | undefined {
  const section = graph.sections.get(group);
  const { tasks = 0, last = 0, halt: why } = state.sections[group] ?? {};
  if (section === undefined || tasks + last > 0) return undefined;
  if (sectionVerdict(graph, state, section) === "succeeded") return { kind: "succeeded", attempts: 0 };
  const cause = firstWithin(graph, state, group);
  const broken: Halt = why ?? { kind: "cancel", message: `${group} did not succeed` };
  if (cause === undefined) return { kind: "failed", attempts: 0, outcome: haltOutcome(broken) };
  const message = `${cause.task} failed: ${cause.outcome.message}`;
  return { kind: "failed", attempts: 0, outcome: { ...cause.outcome, message } };
}

/** What never began of a group ends as the group does. */
function withGroup(group: TaskName, settled: TaskState): TaskState {
  if (settled.kind !== "skipped") return { kind: "upstream_failed" };
  return { kind: "skipped", reason: `the group ${group} was skipped` };
}

/** Gives what is to be looked at next. */
function record(graph: Graph, state: RunState, effects: Effects, node: GraphNode, settled: TaskState): GraphNode[] {
  const wasOpen = state.tasks[node.name]?.kind === "open";
  settleAs(graph, state, node, settled);
  state.unsettled -= 1;
  effects.settled.push(node.name);
  const next = [...downstream(graph, node), ...count(graph, state, node)];
  const section = graph.sections.get(node.name);
  if (section !== undefined && !wasOpen)
    for (const child of [...section.tasks, ...section.finally])
      next.push(...record(graph, state, effects, child, withGroup(section.group ?? node.name, settled)));
  if (settled.kind !== "failed" || wasOpen) return next;
  const broken = groupsAround(graph, node.name).map((group) => state.sections[group]?.halt?.kind);
  const isEffect =
    settled.outcome.kind === "cancelled" && [state.sections[""]?.halt?.kind, ...broken].includes("fail_fast");
  if (!isEffect) state.failures.push(node.name);
  const group = failFastAround(graph, node);
  if (group === undefined) return next;
  const why: Halt = { kind: "fail_fast", message: `failFast: ${node.name} failed` };
  return [...next, ...breakOff(graph, state, effects, group, why)];
}

function downstream(graph: Graph, node: GraphNode): GraphNode[] {
  return node.before.flatMap((name) => graph.get(name) ?? []);
}
