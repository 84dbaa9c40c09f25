import type { Graph, GraphNode } from "../graph.ts";
import type { OutcomeKind } from "../outcome.ts";
import { groupsAround } from "../sections.ts";
import type { Effects, RunState, TaskState } from "../task-state.ts";
import { type Unit, unitKey, unitOf, unitState } from "../units.ts";
import type { PoolNeed } from "./needs.ts";
import { type Place, type PoolRef, waitReason } from "./pool-ref.ts";
import { NORMAL } from "./priority.ts";

/** What a unit has asked its pools for: from before its attempt until that is over, or it is not to start any more. */
export interface Admission extends Unit {
  readonly attempt: number;
  /** Each admission of a run has a higher one: what is said of an older one is late. */
  readonly turn: number;
  /** Of its needs, how many were asked for, and how many it holds: the same, or one more, for which it waits. */
  asked: number;
  held: number;
  /** Where it waits, as far as the pool has said. */
  place?: Place;
}

/** What a run says to a pool. */
export type PoolAsk = { readonly pool: PoolRef; readonly unit: Unit; readonly turn: number } & (
  | { readonly kind: "request"; readonly slots: number; readonly priority: number }
  /** `left`: a pod of it may still run. */
  | { readonly kind: "release"; readonly left?: true }
);

/** What a pool says to a unit; without a place: it is granted. */
export interface PoolWord extends Unit {
  readonly pool: PoolRef;
  readonly turn: number;
  readonly place?: Place;
}

/** Units of a run that wait in one pool at once; the others stand behind them in the run. */
const WAITS = 50;

function needsOf(graph: Graph, { task }: Unit): readonly PoolNeed[] {
  return graph.get(task)?.needs ?? [];
}

/**
 * For one look at all that is ready: whether a unit may start, since it holds all that it needs. Where it does not, it asks, if it
 * may.
 */
export function admissions(graph: Graph, state: RunState): (unit: Unit, attempt: number) => boolean {
  const full = new Set<string>();
  return (unit, attempt) => {
    const needs = needsOf(graph, unit);
    const last = needs.at(-1);
    if (last === undefined) return true;
    const own = state.admissions?.[unitKey(unit)];
    if (own !== undefined) return own.attempt === attempt && own.held === needs.length;
    const kind = kindOf(graph.get(unit.task), last.pool);
    if (full.has(kind)) return false;
    if (mayAsk(graph, state, unit, last.pool)) begin(state, unit, attempt);
    else full.add(kind);
    return false;
  };
}

const kinds = new WeakMap<GraphNode, string>();

/** Units of one kind may ask, or may not, alike. Made once for each task: thousands are looked at in each round. */
function kindOf(node: GraphNode | undefined, pool: PoolRef): string {
  if (node === undefined) return "";
  const known = kinds.get(node) ?? JSON.stringify([pool, node.group ?? "", node.each && node.name]);
  kinds.set(node, known);
  return known;
}

/** It has asked its pools, and does not run yet. */
export function isAsking(state: RunState, unit: Unit): boolean {
  return state.admissions?.[unitKey(unit)] !== undefined;
}

/**
 * Whether another unit may ask: what waits in a pool, or holds it without running yet, is no more than could start, in the run, in
 * each group and among the items of its task. So a run keeps no slots that it cannot use.
 */
function mayAsk(graph: Graph, state: RunState, { task }: Unit, pool: PoolRef): boolean {
  const pending = Object.values(state.admissions ?? {}).filter(
    (one) => isSame(needsOf(graph, one).at(-1)?.pool, pool) && unitState(state, one)?.kind !== "running",
  );
  if (pending.length >= WAITS) return false;
  const hasRoom = (running = 0, most = Infinity, isIn: (one: Unit) => boolean = () => true) =>
    running + pending.filter(isIn).length < most;
  return (
    hasRoom(state.running, graph.sections.get("")?.parallelism) &&
    hasRoom(state.items?.[task]?.running, graph.get(task)?.each?.parallelism, (one) => one.task === task) &&
    groupsAround(graph, task).every((group) =>
      hasRoom(state.sections[group]?.running, graph.sections.get(group)?.parallelism, (one) =>
        groupsAround(graph, one.task).includes(group),
      ),
    )
  );
}

function isSame(a: PoolRef | undefined, b: PoolRef | undefined): boolean {
  return a?.kind === b?.kind && a?.name === b?.name;
}

/** `settleAdmissions` asks. */
function begin(state: RunState, unit: Unit, attempt: number): void {
  const turn = (state.turn ?? 0) + 1;
  state.turn = turn;
  state.admissions ??= {};
  state.admissions[unitKey(unit)] = { ...unitOf(unit), attempt, turn, asked: 0, held: 0 };
}

/**
 * Once a round, whatever has happened to units: gives back what is not wanted any more, and asks for the next need of those that
 * hold the ones before. A paused run keeps what its running attempts use.
 */
export function settleAdmissions(graph: Graph, state: RunState): PoolAsk[] {
  const asks: PoolAsk[] = [];
  for (const [key, own] of Object.entries(state.admissions ?? {})) {
    const needs = needsOf(graph, own);
    const now = unitState(state, own);
    if (!isWanted(state, own, now)) {
      delete state.admissions?.[key];
      asks.push(...needs.slice(0, own.asked).map((need) => release(need.pool, own, mayRun(now))));
    } else if (own.asked === own.held && own.asked < needs.length) {
      own.asked += 1;
      asks.push(...requests(graph, own, own.held));
    }
  }
  return asks;
}

function isWanted(state: RunState, { attempt }: Admission, now: TaskState | undefined): boolean {
  if (now?.kind === "running") return now.attempt === attempt;
  return now?.kind === "ready" && now.attempt === attempt && state.paused === undefined;
}

/** A unit waits in its pools no more, for it is to wait in others: what it has asked for is given back. */
export function askAnew(graph: Graph, state: RunState, unit: Unit): PoolAsk[] {
  const key = unitKey(unit);
  const own = state.admissions?.[key];
  if (own === undefined) return [];
  delete state.admissions?.[key];
  return needsOf(graph, own)
    .slice(0, own.asked)
    .map(({ pool }) => release(pool, own, false));
}

/** All that was asked for: an answer may have been lost, or a pool. Asked again it comes again. */
export function askAgain(graph: Graph, state: RunState): PoolAsk[] {
  return Object.values(state.admissions ?? {}).flatMap((own) => requests(graph, own, 0));
}

/** Of the needs that are asked for, those from one on. */
function requests(graph: Graph, own: Admission, from: number): PoolAsk[] {
  const { turn } = own;
  const priority = graph.get(own.task)?.priority ?? NORMAL;
  return needsOf(graph, own)
    .slice(from, own.asked)
    .map(({ pool, slots }) => ({ kind: "request", pool, unit: unitOf(own), turn, slots, priority }));
}

function release(pool: PoolRef, own: Unit & { readonly turn: number }, left: boolean): PoolAsk {
  return { kind: "release", pool, unit: unitOf(own), turn: own.turn, ...(left && { left }) };
}

/** Ends after which the pod may be there for a while: we ended it, or nobody knows. */
const UNSURE: readonly OutcomeKind[] = ["cancelled", "timeout", "unschedulable", "image", "config", "unreachable"];

function mayRun(now: TaskState | undefined): boolean {
  const kind = now?.kind === "delayed" ? now.last.kind : now?.kind === "failed" ? now.outcome.kind : undefined;
  return UNSURE.some((one) => one === kind);
}

/** Folds in what a pool says. A grant that nobody waits for is given back. */
export function hearPool(graph: Graph, state: RunState, effects: Effects, word: PoolWord): void {
  const own = state.admissions?.[unitKey(word)];
  const at = needsOf(graph, word).findIndex(({ pool }) => isSame(pool, word.pool));
  if (own === undefined || own.turn !== word.turn || at < 0 || at >= own.asked) {
    if (word.place === undefined) effects.tells.push(release(word.pool, word, false));
    return;
  }
  if (at < own.held) return;
  const { place: before } = own;
  delete own.place;
  if (word.place === undefined) {
    own.held = at + 1;
    return;
  }
  own.place = word.place;
  if (before !== undefined) return;
  const { attempt, turn } = own;
  effects.waits.push({ ...unitOf(own), attempt, turn, reason: waitReason(word.pool, word.place) });
}

/** Which pool a unit waits for, and where in it. */
export function poolReason(graph: Graph, state: RunState, unit: Unit): string | undefined {
  const own = state.admissions?.[unitKey(unit)];
  const need = own === undefined ? undefined : needsOf(graph, unit)[own.held];
  return need === undefined ? undefined : waitReason(need.pool, own?.place);
}
