import type { Chain, DagName, RunId, TaskName } from "../ids.ts";

/**
 * What may be used by so many at once. `pool`: declared by the operator; `mutex`: a pool of one that nobody declares; `runs`: the
 * active runs of a DAG, by its name.
 */
export const POOL_KINDS = ["pool", "mutex", "runs"] as const;
export type PoolKind = (typeof POOL_KINDS)[number];

export function isPoolKind(text: string): text is PoolKind {
  return POOL_KINDS.some((kind) => kind === text);
}

export interface PoolRef {
  readonly kind: PoolKind;
  readonly name: string;
}

/** Names of pools that operators declare. */
export const POOL_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/;

export const MAX_SLOTS = 10_000;

/** Workflow id of the pool: one for each name of an installation. */
export function poolWorkflowId(installation: string, { kind, name }: PoolRef): string {
  return `${kind}/${installation}/${name}`;
}

/** Who holds a slot, or waits for one: a task of a run (an item of a forEach by its index), or the run itself. No attempt: each of a task's holds the same slot. */
export interface Holder {
  readonly chain: Chain;
  readonly cluster: string;
  readonly dag: DagName;
  readonly run: RunId;
  readonly task?: TaskName;
  readonly index?: number;
}

/** A chain's firstExecutionRunId is unique by itself. */
export function holderKey({ chain, task, index }: Holder): string {
  return `${chain.firstExecutionRunId}/${task ?? "-"}/${index ?? "-"}`;
}

/** `pool gpu, 3rd of 7`: `at` of `of` that wait. */
export interface Place {
  readonly at: number;
  readonly of: number;
  /** Slots that are held. */
  readonly used: number;
  /** The pool has fewer slots than are asked for: no wait helps. */
  readonly tooFew?: number;
}

/** What a task, or a run, waits for. */
export function waitReason({ kind, name }: PoolRef, place: Place | undefined): string {
  if (kind === "runs") return runsReason(name, place);
  if (place === undefined) return `${kind} ${name}`;
  const few = place.tooFew === undefined ? "" : `; it has ${place.tooFew === 1 ? "1 slot" : `${place.tooFew} slots`}`;
  return `${kind} ${name}, ${ordinal(place.at)} of ${place.of}${few}`;
}

function runsReason(dag: string, place: Place | undefined): string {
  if (place === undefined) return `active runs of DAG ${dag}`;
  const active = place.used === 1 ? "1 run" : `${place.used} runs`;
  return `${ordinal(place.at)} of ${place.of} waiting; ${active} of DAG ${dag} ${place.used === 1 ? "is" : "are"} active`;
}

/** 1st, 2nd, 3rd, 4th … 11th, 12th, 13th … 21st */
export function ordinal(n: number): string {
  const tens = n % 100;
  const ends: Readonly<Record<number, string>> = tens > 10 && tens < 14 ? {} : { 1: "st", 2: "nd", 3: "rd" };
  return `${n}${ends[n % 10] ?? "th"}`;
}
