import type { RunState } from "./task-state.ts";
import { type Unit, unitKey, unitState } from "./units.ts";

type Of = Pick<RunState, "tasks" | "passes" | "items">;

/** How often a unit's story has begun: 1, and one more each time that what it was is taken back, or replaced. */
export function passOf(state: Pick<RunState, "passes">, unit: Unit): number {
  return state.passes?.[unitKey(unit)]?.pass ?? 1;
}

/** Attempts of a unit before this pass. */
export function attemptsBefore(state: Of, unit: Unit): number {
  return state.passes?.[unitKey(unit)]?.attempts ?? 0;
}

/** Whether an attempt was made in this pass; `attempt` is the next one. */
export function hasTried(state: Of, unit: Unit, { attempt }: { readonly attempt: number }): boolean {
  return attempt - 1 > attemptsBefore(state, unit);
}

/** Attempts started so far, in every pass. */
export function attemptsMade(state: Of, unit: Unit): number {
  const now = unitState(state, unit);
  switch (now?.kind) {
    case "succeeded":
    case "failed":
    case "skipped":
      return now.attempts || attemptsBefore(state, unit);
    case "running":
      return now.attempt;
    case "ready":
    case "delayed":
      return now.attempt - 1;
    default:
      return attemptsBefore(state, unit);
  }
}

/** The next pass of a unit begins: what it was is taken back, or replaced. */
export function nextPass(state: RunState, unit: Unit): void {
  const pass = passOf(state, unit) + 1;
  const attempts = attemptsMade(state, unit);
  state.passes ??= {};
  state.passes[unitKey(unit)] = { pass, attempts };
}
