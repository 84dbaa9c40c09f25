import { type Holder, holderKey, type Place } from "./pool-ref.ts";

/** A pool, as plain JSON: `applyToPool` changes it in place. */
export interface PoolState {
  slots: number;
  /** By holderKey, in the order they came. */
  readonly entries: Record<string, Entry>;
}

/** One holder's claim: it waits until it is granted. */
export interface Entry {
  readonly holder: Holder;
  /** Which request of this holder it is: a later one has a higher number. */
  readonly turn: number;
  readonly slots: number;
  /** 1 goes first, 5 last. */
  readonly priority: number;
  /** When it was asked for (RFC 3339), by the clock of the worker that sent it. */
  readonly since: string;
  readonly granted?: true;
  /** The place that it was told last. */
  readonly told?: number;
  /** Its holder does not want it any more, but its pod may still run: it is free once that is gone. */
  readonly left?: true;
}

export type PoolMessage =
  /** Asked again, it is answered again. */
  | ({ readonly kind: "request" } & Omit<Entry, "granted" | "left" | "told">)
  /** Gives back, or waits no longer. `left`: a pod of it may still run. */
  | ({ readonly kind: "release"; readonly holder: Holder } & Claim & { readonly left?: true })
  | { readonly kind: "resize"; readonly slots: number };

export interface Claim {
  readonly turn: number;
}

/** What the pool tells a holder. Without a place: it is granted. */
export interface PoolAnswer {
  readonly holder: Holder;
  readonly turn: number;
  readonly place?: Place;
}

export function newPool(slots: number): PoolState {
  return { slots, entries: {} };
}

/**
 * Folds messages in, in any order and however often each comes; grants what there is room for; gives what is to be told: grants, and
 * places of those that asked. Never more slots are held than there are, unless there have become fewer.
 */
export function applyToPool(state: PoolState, messages: readonly PoolMessage[]): PoolAnswer[] {
  const asked = new Set<string>();
  for (const message of messages) {
    if (message.kind === "resize") state.slots = message.slots;
    else if (message.kind === "release") release(state, message);
    else if (request(state, message)) asked.add(holderKey(message.holder));
  }
  for (const key of grant(state)) asked.add(key);
  return tell(state, [...asked]);
}

/** What these are told now. */
function tell(state: PoolState, keys: readonly string[]): PoolAnswer[] {
  const places = placesOf(state);
  return keys.flatMap((key) => {
    const entry = state.entries[key];
    if (entry === undefined) return [];
    const { holder, turn } = entry;
    const place = places.get(key);
    if (place !== undefined) state.entries[key] = { ...entry, told: place.at };
    return [{ holder, turn, ...(place !== undefined && { place }) }];
  });
}

/** True where it is to be answered. What is older than the holder's claim is late, and means nothing. */
function request(state: PoolState, { kind: _kind, ...asked }: Extract<PoolMessage, { kind: "request" }>): boolean {
  const key = holderKey(asked.holder);
  const now = state.entries[key];
  if (now !== undefined && now.turn > asked.turn) return false;
  if (now?.turn === asked.turn) return now.left !== true;
  // Its holder has given the older one back: that message is still on its way, or its pod is looked for. It has its slot at once.
  const keeps = now?.granted && asked.slots <= now.slots;
  if (!keeps) delete state.entries[key];
  state.entries[key] = { ...asked, ...(keeps && { granted: true }) };
  return true;
}

function release(state: PoolState, { holder, turn, left }: Extract<PoolMessage, { kind: "release" }>): void {
  const key = holderKey(holder);
  const now = state.entries[key];
  if (now === undefined || now.turn > turn) return;
  if (left && now.granted) state.entries[key] = { ...now, left };
  else delete state.entries[key];
}

/** First by priority, then by arrival. Who does not fit yet is waited for, so that many small ones do not starve it. */
function grant(state: PoolState): string[] {
  const granted: string[] = [];
  let free = state.slots - usedOf(state);
  for (const [key, entry] of waitingOf(state)) {
    if (entry.slots > state.slots) continue;
    if (entry.slots > free) break;
    free -= entry.slots;
    state.entries[key] = { ...entry, granted: true };
    granted.push(key);
  }
  return granted;
}

/** Slots that are held. */
export function usedOf({ entries }: PoolState): number {
  return heldOf(entries).reduce((sum, [, { slots }]) => sum + slots, 0);
}

type Keyed = readonly (readonly [key: string, entry: Entry])[];

function heldOf(entries: PoolState["entries"]): Keyed {
  return Object.entries(entries).filter(([, { granted }]) => granted);
}

/** In the order in which they are served. */
export function waitingOf({ entries }: PoolState): Keyed {
  const waiting = Object.entries(entries).filter(([, { granted }]) => !granted);
  return waiting.sort(([, a], [, b]) => a.priority - b.priority);
}

/** Of all that wait. */
function placesOf(state: PoolState): Map<string, Place> {
  const waiting = waitingOf(state);
  const used = usedOf(state);
  return new Map(
    waiting.map(([key, { slots }], at) => {
      const few = slots > state.slots ? { tooFew: state.slots } : {};
      return [key, { at: at + 1, of: waiting.length, used, ...few }];
    }),
  );
}

/** Those that wait at another place than they were told. */
export function tellMoved(state: PoolState): PoolAnswer[] {
  const moved = waitingOf(state).filter(([, { told }], at) => told !== at + 1);
  return tell(
    state,
    moved.map(([key]) => key),
  );
}

/** By cluster, all who hold a slot or wait for one. */
export function claimsOn({ entries }: PoolState): Map<string, Entry[]> {
  return Map.groupBy(Object.values(entries), ({ holder }) => holder.cluster);
}

/** Nobody holds a slot or waits for one. */
export function isIdle({ entries }: PoolState): boolean {
  return Object.keys(entries).length === 0;
}

/** What people are shown of a pool. */
export interface PoolView {
  readonly slots: number;
  readonly used: number;
  readonly waiting: number;
  readonly holders: readonly Claimed[];
  /** In the order in which they are served. */
  readonly queue: readonly Claimed[];
  /** Since when the one waits that has waited longest (RFC 3339). */
  readonly oldestWait?: string;
}

export interface Claimed {
  readonly dag: string;
  readonly run: string;
  readonly task?: string;
  readonly index?: number;
  readonly slots: number;
  readonly since: string;
}

/** Of each list this many: a query's answer has a limit. */
const SHOWN = 500;

export function viewOf(state: PoolState): PoolView {
  const waiting = waitingOf(state);
  const oldest = waiting.map(([, { since }]) => since).sort()[0];
  const shown = (keyed: Keyed) => keyed.slice(0, SHOWN).map(([, entry]) => claimed(entry));
  return {
    slots: state.slots,
    used: usedOf(state),
    waiting: waiting.length,
    holders: shown(heldOf(state.entries)),
    queue: shown(waiting),
    ...(oldest !== undefined && { oldestWait: oldest }),
  };
}

function claimed({ holder: { dag, run, task, index }, slots, since }: Entry): Claimed {
  return { dag, run, ...(task !== undefined && { task }), ...(index !== undefined && { index }), slots, since };
}
