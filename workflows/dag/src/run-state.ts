import type { Graph, GraphNode } from "./graph.ts";
import { leaves } from "./graph.ts";
import { isTaskName, type TaskName } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import { type Outcome, ownExitCode, timesOf } from "./outcome.ts";
import { delayBefore, NOTHING_SPENT, retryDecision, type RetryWord, type Spent, undecided } from "./retry.ts";
import { gateVerdict, type SettledState, skipReason } from "./rules.ts";
import { hold, NO_ROOM } from "./run-outputs.ts";
import { isTooLate, noTimeLeft, type TotalTime } from "./total-time.ts";

/** One task's life so far. `attempt` counts pods from 1. */
export type TaskState =
  | { readonly kind: "waiting" }
  /** May start; waits only for a place in the window. */
  | ({ readonly kind: "ready" } & Trying)
  /** `unwatched`: no worker has taken the attempt up, and why. */
  | ({ readonly kind: "running"; readonly unwatched?: string } & Trying)
  /** Between two attempts. `attempt` is the next one. */
  | ({ readonly kind: "delayed"; readonly last: Outcome } & Trying)
  | { readonly kind: "succeeded"; readonly attempts: number; readonly outputs?: JsonObject }
  | { readonly kind: "failed"; readonly attempts: number; readonly outcome: Outcome; readonly outputs?: JsonObject }
  | { readonly kind: "skipped"; readonly reason: string; readonly attempts?: number }
  | { readonly kind: "upstream_failed" };

/** A task that has an attempt, or will have one. */
interface Trying {
  readonly attempt: number;
  readonly spent: Spent;
  /** When the pod of its first attempt was made (milliseconds since 1970), where timeout.total counts from there. */
  readonly since?: number;
}

/**
 * A run, as plain JSON. `apply` and `takeStarts` change it in place: a copy per change would make
 * a run of 10,000 tasks quadratic.
 */
export interface RunState {
  /** Makes the jitter of this run its own: the chain's firstExecutionRunId. */
  readonly seed: string;
  readonly tasks: Record<string, TaskState>;
  /** Tasks of kind `ready`, first come first served. */
  readonly ready: TaskName[];
  running: number;
  unsettled: number;
  /** Bytes of JSON of the outputs that the tasks hold. */
  outputBytes: number;
  /** Tasks that failed, in the order they settled: the first is the cause. */
  readonly failures: TaskName[];
  cancelled?: { readonly reason: string };
}

export type Change =
  | {
      readonly kind: "ended";
      readonly task: TaskName;
      readonly attempt: number;
      readonly outcome: Outcome;
      readonly outputs?: JsonObject;
      /** Absent where another attempt may follow. */
      readonly retry?: RetryWord;
      readonly total?: TotalTime;
    }
  /** No worker has taken the attempt up, for this reason; or, without one, a worker has. */
  | { readonly kind: "unwatched"; readonly task: TaskName; readonly attempt: number; readonly reason?: string }
  /** The delay before the next attempt is over. */
  | { readonly kind: "due"; readonly task: TaskName }
  | { readonly kind: "cancel"; readonly reason: string };

/** What a change asks of the world. */
export interface Effects {
  readonly settled: TaskName[];
  readonly delays: { readonly task: TaskName; readonly attempt: number; readonly ms: number }[];
  readonly stops: TaskName[];
  /** Attempts of which it is new that nobody watches them. */
  readonly unwatched: { readonly task: TaskName; readonly attempt: number; readonly reason: string }[];
}

export interface Start {
  readonly task: TaskName;
  readonly attempt: number;
  readonly since?: number;
}

function noEffects(): Effects {
  return { settled: [], delays: [], stops: [], unwatched: [] };
}

/** All tasks waiting, then whatever may start at once becomes ready (a noop succeeds at once). */
export function beginRun(graph: Graph, seed: string): { state: RunState; effects: Effects } {
  const waiting: TaskState = { kind: "waiting" };
  const tasks = Object.fromEntries([...graph.keys()].map((name) => [name, waiting]));
  const state: RunState = { seed, tasks, ready: [], running: 0, unsettled: graph.size, outputBytes: 0, failures: [] };
  const effects = noEffects();
  consider(graph, state, effects, [...graph.values()]);
  return { state, effects };
}

export function isSettled(state: RunState): boolean {
  return state.unsettled === 0;
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
    case "due":
      due(state, change.task);
      break;
    case "cancel":
      cancel(state, effects, change.reason);
      break;
  }
  return effects;
}

/** What is under way in a state that was handed on: attempts whose ends, and delays whose ends, somebody must tell again. */
export function inFlight(graph: Graph, state: RunState): Pick<Effects, "delays"> & { readonly starts: Start[] } {
  const starts: Start[] = [];
  const delays: Effects["delays"] = [];
  for (const task of taskNames(state)) {
    const now = state.tasks[task];
    const retries = graph.get(task)?.retries;
    if (now?.kind === "running") starts.push({ task, attempt: now.attempt, ...sinceOf(now) });
    if (now?.kind === "delayed" && retries !== undefined)
      delays.push({
        task,
        attempt: now.attempt,
        ms: delayBefore(retries, now.spent, seedOf(state, task, now.attempt)),
      });
  }
  return { starts, delays };
}

/** Of the attempt with this number, the delay before it. */
function seedOf(state: RunState, task: TaskName, attempt: number): string {
  return `${state.seed}/${task}/${attempt - 1}`;
}

/** Takes ready tasks while fewer than `window` run, and marks them running. */
export function takeStarts(state: RunState, window: number): Start[] {
  const starts: Start[] = [];
  while (state.running < window && state.ready.length > 0) {
    const task = state.ready.shift();
    const now = task === undefined ? undefined : state.tasks[task];
    if (task === undefined || now?.kind !== "ready") continue;
    state.tasks[task] = { ...now, kind: "running" };
    state.running += 1;
    starts.push({ task, attempt: now.attempt, ...sinceOf(now) });
  }
  return starts;
}

/**
 * Failed if a leaf failed; a skipped leaf hands the question to its upstreams, so a run is not green because
 * what would have told was skipped. Only for a settled state.
 */
export function verdict(graph: Graph, state: RunState): "succeeded" | "failed" | "cancelled" {
  if (state.cancelled !== undefined) return "cancelled";
  const seen = new Set<TaskName>();
  const open = leaves(graph);
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node.name)) continue;
    seen.add(node.name);
    const settled = settledState(state.tasks[node.name]);
    if (settled === "failed" || settled === "upstream_failed") return "failed";
    if (settled === "skipped") open.push(...node.after.flatMap((name) => graph.get(name) ?? []));
  }
  return "succeeded";
}

function ended(graph: Graph, state: RunState, effects: Effects, change: Extract<Change, { kind: "ended" }>): void {
  const now = state.tasks[change.task];
  const node = graph.get(change.task);
  if (node === undefined || now?.kind !== "running" || now.attempt !== change.attempt) return;
  state.running -= 1;
  const outcome =
    state.cancelled === undefined ? change.outcome : cancelledOutcome(state.cancelled.reason, change.outcome);
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

function due(state: RunState, task: TaskName): void {
  const now = state.tasks[task];
  if (now?.kind !== "delayed") return;
  const { last: _last, ...trying } = now;
  state.tasks[task] = { ...trying, kind: "ready" };
  state.ready.push(task);
}

/** Starts nothing more: unstarted → skipped, between attempts → failed, running → stopped (and failed when it ends). */
function cancel(state: RunState, effects: Effects, reason: string): void {
  if (state.cancelled !== undefined || isSettled(state)) return;
  state.cancelled = { reason };
  state.ready.length = 0;
  for (const name of taskNames(state)) {
    const now = state.tasks[name];
    if (now?.kind === "running") effects.stops.push(name);
    else if (now?.kind === "delayed" || (now?.kind === "ready" && now.attempt > 1)) {
      const outcome = cancelledOutcome(reason, now.kind === "delayed" ? now.last : undefined);
      record(state, effects, name, { kind: "failed", attempts: now.attempt - 1, outcome });
    } else if (now?.kind === "waiting" || now?.kind === "ready") {
      record(state, effects, name, { kind: "skipped", reason });
    }
  }
}

function cancelledOutcome(reason: string, last: Outcome | undefined): Outcome {
  return { kind: "cancelled", message: reason, ...timesOf(last) };
}

/** Records a settled state, then looks at what it allows or forbids downstream. */
function settle(graph: Graph, state: RunState, effects: Effects, node: GraphNode, settled: TaskState): void {
  record(state, effects, node.name, settled);
  consider(graph, state, effects, downstream(graph, node));
}

/** A work list, not recursion: a chain may be 10,000 tasks long. */
function consider(graph: Graph, state: RunState, effects: Effects, nodes: GraphNode[]): void {
  for (const node of nodes) {
    if (state.tasks[node.name]?.kind !== "waiting") continue;
    const next = decide(state, node);
    if (next === undefined) continue;
    if (next.kind === "ready") {
      state.tasks[node.name] = next;
      state.ready.push(node.name);
    } else {
      record(state, effects, node.name, next);
      nodes.push(...downstream(graph, node));
    }
  }
}

function decide(state: RunState, node: GraphNode): TaskState | undefined {
  const upstreams = node.after.map((name) => settledState(state.tasks[name]));
  switch (gateVerdict(node.gate, upstreams)) {
    case "wait":
      return undefined;
    case "run":
      return node.kind === "noop"
        ? { kind: "succeeded", attempts: 0 }
        : { kind: "ready", attempt: 1, spent: NOTHING_SPENT };
    case "skip":
      return { kind: "skipped", reason: skipReason(node.gate) };
    case "upstream_failed":
      return { kind: "upstream_failed" };
  }
}

function record(state: RunState, effects: Effects, name: TaskName, settled: TaskState): void {
  state.tasks[name] = settled;
  state.unsettled -= 1;
  if (settled.kind === "failed") state.failures.push(name);
  effects.settled.push(name);
}

function downstream(graph: Graph, node: GraphNode): GraphNode[] {
  return node.before.flatMap((name) => graph.get(name) ?? []);
}

/** Undefined while the task may still change. */
export function settledState(task: TaskState | undefined): SettledState | undefined {
  switch (task?.kind) {
    case "succeeded":
    case "failed":
    case "skipped":
    case "upstream_failed":
      return task.kind;
    default:
      return undefined;
  }
}

function taskNames(state: RunState): TaskName[] {
  return Object.keys(state.tasks).filter(isTaskName);
}
