import type { AttemptRef } from "@slipway/dag";
import type { PoolLetter } from "./pool-ports.ts";
import type { Carried, Ending, Release, RunEvent } from "./ports.ts";

/** What every ref of one run says alike. */
export type RunRef = Pick<AttemptRef, "installation" | "chain" | "dag" | "run">;

/** What was begun in a hop, and nobody has confirmed. */
export interface Unconfirmed {
  readonly releases: readonly Release[];
  readonly ending: readonly Ending[];
  readonly events: readonly RunEvent[];
  readonly letters: readonly PoolLetter[];
}

/** Thousands may be handed on: their refs without what the run says. */
export function handOn({
  releases,
  ending,
  events,
  letters,
}: Unconfirmed): Omit<Carried, "prepared" | "hop" | "begunMs" | "state"> {
  return {
    releases: releases.map((one) => ({ ...one, ref: own(one.ref) })),
    ending,
    events: events.map((one) => ({ ...one, ref: own(one.ref) })),
    letters,
  };
}

export function takeOver({ releases, ending, events, letters }: Carried, run: RunRef): Unconfirmed {
  return {
    releases: releases.map((one) => ({ ...one, ref: { ...run, ...one.ref } })),
    ending,
    events: events.map((one) => ({ ...one, ref: { ...run, ...one.ref } })),
    letters,
  };
}

function own<Ref extends RunRef>(ref: Ref): Omit<Ref, keyof RunRef> {
  const { installation: _installation, chain: _chain, dag: _dag, run: _run, ...rest } = ref;
  return rest;
}

/** What a run that was queued hands on: it has not begun. */
export function withoutBegin({ begunMs: _waited, ...carried }: Carried): Carried {
  return carried;
}
