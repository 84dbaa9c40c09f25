import type { Json } from "./json.ts";
import { settledState, type TaskState } from "./task-state.ts";

/** What a `forEach` gave, once for the whole run: one list, or by name those whose cross product it is. */
export interface ItemList {
  readonly names?: readonly string[];
  readonly lists: readonly (readonly Json[])[];
  /** What an item is called; its position where absent. */
  readonly keys?: readonly string[];
}

/**
 * The items of one task. Items keep their position for good. Changed in place, with what is counted, by `putItem` alone.
 * A state is kept packed: five thousand of them ride in the run's state from hop to hop.
 */
export interface Items extends ItemList {
  readonly states: PackedState[];
  /** Ends that items have in common, without `attempts`. */
  readonly ends: TaskState[];
  /** No item below it waits. */
  next: number;
  /** Not settled. */
  open: number;
  running: number;
  succeeded: number;
  failed: number;
}

/** null: waits. A number: succeeded after so many attempts. A pair: attempts, and which of `ends`. Thousands may be between two attempts too. */
type PackedState = null | number | readonly [number, number] | PackedTrying | TaskState;

/** Its attempt; its failed ones, by the budget each used; which of `ends` was the last, or -1; since when, where that counts. */
type PackedTrying = readonly ["ready" | "delayed", number, readonly [number, number, number], number, number?];

/** Different ends that are kept word for word; of the others the kind stays. */
const ENDS = 100;
/** Characters of a message that an item keeps; the whole is in the event of its attempt. */
const MESSAGE = 200;
const WAITING: TaskState = { kind: "waiting" };

export function newItems(list: ItemList): Items {
  const open = sizeOf(list);
  const states = Array.from({ length: open }, () => null);
  return { ...list, states, ends: [], next: 0, open, running: 0, succeeded: 0, failed: 0 };
}

/** How many items a list gives. */
export function sizeOf({ lists }: ItemList): number {
  return lists.reduce((product, { length }) => product * length, 1);
}

/** The element, or a map of the names; the last name varies fastest. */
export function itemAt({ names, lists }: ItemList, index: number): Json {
  if (names === undefined) return lists[0]?.[index] ?? null;
  const item: Record<string, Json> = {};
  let rest = index;
  for (const [at, name] of [...names.entries()].toReversed()) {
    const list = lists[at] ?? [];
    item[name] = list[rest % list.length] ?? null;
    rest = Math.floor(rest / list.length);
  }
  return Object.fromEntries(names.map((name) => [name, item[name] ?? null]));
}

export function keyOf({ keys }: ItemList, index: number): string {
  return keys?.[index] ?? String(index);
}

export function itemState({ states, ends }: Items, index: number): TaskState | undefined {
  const packed = states[index];
  if (packed === undefined) return undefined;
  if (packed === null) return WAITING;
  if (typeof packed === "number") return { kind: "succeeded", attempts: packed };
  if (isPair(packed)) return withAttempts(ends[packed[1]], packed[0]);
  return isTrying(packed) ? tryingOf(ends, packed) : packed;
}

type Listed = Exclude<PackedState, null | number>;

function isPair(packed: Listed): packed is readonly [number, number] {
  return Array.isArray(packed) && packed.length === 2;
}

function isTrying(packed: Exclude<Listed, readonly [number, number]>): packed is PackedTrying {
  return Array.isArray(packed);
}

function tryingOf(ends: readonly TaskState[], [kind, attempt, spent, at, since]: PackedTrying): TaskState {
  const [limit, disruptions, free] = spent;
  const end = ends[at];
  const last = end?.kind === "failed" ? end.outcome : undefined;
  const trying = { attempt, spent: { limit, disruptions, free }, ...(since !== undefined && { since }) };
  return kind === "delayed" && last !== undefined
    ? { kind, ...trying, last }
    : { kind: "ready", ...trying, ...(last !== undefined && { last }) };
}

function packedTrying(ends: TaskState[], { kind, attempt, spent, last, since }: Pending): PackedTrying {
  const { limit, disruptions, free } = spent;
  const end = last && ({ kind: "failed", attempts: 0, outcome: briefOutcome(last) } as const);
  const at = end === undefined ? -1 : sharedEnd(ends, end);
  const trying = [kind, attempt, [limit, disruptions, free], at] as const;
  return since === undefined ? trying : [...trying, since];
}

type Pending = Extract<TaskState, { readonly kind: "ready" | "delayed" }>;

function withAttempts(end: TaskState | undefined, attempts: number): TaskState {
  if (end?.kind === "failed") return { ...end, attempts };
  return end?.kind === "skipped" && attempts > 0 ? { ...end, attempts } : (end ?? WAITING);
}

export function putItem(items: Items, index: number, now: TaskState): void {
  const before = itemState(items, index);
  if (before === undefined) return;
  count(items, before, -1);
  count(items, now, 1);
  items.states[index] = packed(items, now);
  if (now.kind === "waiting") items.next = Math.min(items.next, index);
}

function count(items: Items, now: TaskState, one: 1 | -1): void {
  if (settledState(now) === undefined) items.open += one;
  if (now.kind === "running" || now.kind === "succeeded" || now.kind === "failed") items[now.kind] += one;
}

function packed({ ends }: Items, now: TaskState): PackedState {
  switch (now.kind) {
    case "waiting":
      return null;
    case "succeeded":
      return now.outputs === undefined && now.reason === undefined ? now.attempts : now;
    case "ready":
    case "delayed":
      return packedTrying(ends, now);
    case "failed": {
      if (now.outputs !== undefined) return { ...now, outcome: briefOutcome(now.outcome) };
      return [now.attempts, sharedEnd(ends, { ...now, attempts: 0, outcome: briefOutcome(now.outcome) })];
    }
    case "skipped": {
      const { attempts = 0, ...end } = now;
      return [attempts, sharedEnd(ends, end)];
    }
    default:
      return now;
  }
}

type Failed = Extract<TaskState, { readonly kind: "failed" }>;

/** What the kubelet said, and when, stays in the attempt's event. */
export function briefOutcome({
  evidence: _evidence,
  startedAt: _from,
  finishedAt: _to,
  ...outcome
}: Failed["outcome"]): Failed["outcome"] {
  const { message } = outcome;
  return message.length <= MESSAGE ? outcome : { ...outcome, message: `${message.slice(0, MESSAGE - 1)}…` };
}

/** Where in `ends` this end stands, or now stands; from some number on, the same end without its own words. */
export function sharedEnd(ends: TaskState[], end: Exclude<TaskState, { readonly kind: "waiting" }>): number {
  const text = JSON.stringify(end);
  const known = ends.findIndex((each) => saidOf(each) === saidOf(end) && JSON.stringify(each) === text);
  if (known >= 0) return known;
  const isSaid = ends.length < ENDS || end.kind !== "failed" || end.outcome.message.endsWith(MORE);
  return isSaid ? ends.push(end) - 1 : sharedEnd(ends, { ...end, outcome: bare(end.outcome) });
}

function saidOf(end: TaskState): string {
  return end.kind === "failed" ? end.outcome.message : end.kind;
}

const MORE = "; the event of its attempt says more";

/** Without what may be different in every item, so that there are few. */
function bare(outcome: Failed["outcome"]): Failed["outcome"] {
  const message = `${outcome.kind === "exit" ? `exit code ${outcome.exitCode}` : outcome.kind}${MORE}`;
  if (outcome.kind === "image") return { ...outcome, message, image: "" };
  return outcome.kind === "init" ? { ...outcome, message, container: "" } : { ...outcome, message };
}

/** The first item from the cursor on that waits; the cursor stands at it, or behind the last. */
export function nextWaiting(items: Items): number | undefined {
  while (items.next < items.states.length && items.states[items.next] !== null) items.next += 1;
  return items.next < items.states.length ? items.next : undefined;
}

/** Those that wait now. */
export function waitingItems(items: Items | undefined): number[] {
  return items === undefined ? [] : [...items.states.keys()].filter((index) => items.states[index] === null);
}
