import { sha256Hex } from "./hash.ts";
import { type Budget, budgetOf, type Outcome, timesOf } from "./outcome.ts";
import type { Retries } from "./task-spec.ts";

/** Failed attempts so far, by the budget each used. */
export type Spent = Readonly<Record<Budget, number>>;

export const NOTHING_SPENT: Spent = { limit: 0, disruptions: 0, free: 0 };

/** Pods that were gone before they started are made again this often, whatever `retries` says. */
const FREE = 5;
const JITTER = 0.2;

/** What `retries.if` says of an outcome. `broken`: it has no value, and why. */
export type RetryWord = { readonly kind: "no" } | { readonly kind: "broken"; readonly why: string };

/** What the reducer knows of a task's retries. */
export interface RetryPolicy extends Retries {
  /**
   * The task itself (not its defaults) sets `disruptions`: it accepts that another pod starts while an unreachable one may
   * still run.
   */
  readonly acceptsOverlap?: true;
}

/** Whether to try again cannot be said, so the task has failed; how the attempt ended is told behind it. */
export function undecided(last: Outcome, why: string): Outcome {
  return {
    kind: "expression",
    message: `retries.if has no answer: ${why}; the attempt: ${last.message}`,
    ...timesOf(last),
  };
}

export type RetryDecision =
  | { readonly kind: "again"; readonly spent: Spent; readonly delayMs: number }
  | { readonly kind: "give-up" };

/** Whether a failed attempt is followed by another: each kind of outcome counts against exactly one budget. */
export function retryDecision(outcome: Outcome, retries: RetryPolicy, spent: Spent, seed: string): RetryDecision {
  if (outcome.kind === "succeeded") return { kind: "give-up" };
  if (outcome.kind === "unreachable" && retries.acceptsOverlap !== true) return { kind: "give-up" };
  const budget = budgetOf(outcome);
  if (budget === "none") return { kind: "give-up" };
  const allowed = { limit: retries.limit, disruptions: retries.disruptions, free: FREE };
  if (spent[budget] >= allowed[budget]) return { kind: "give-up" };
  const after = { ...spent, [budget]: spent[budget] + 1 };
  return { kind: "again", spent: after, delayMs: delayBefore(retries, after, seed) };
}

/**
 * Milliseconds before the next attempt: `delay` after the first failure, then `factor` times as long with every further one,
 * whatever budget it used. `spent` includes the last failure.
 */
export function delayBefore({ delayMs, factor, maxDelayMs }: Retries, spent: Spent, seed: string): number {
  const before = spent.limit + spent.disruptions + spent.free - 1;
  return jittered(Math.min(delayMs * factor ** before, Math.max(delayMs, maxDelayMs)), seed);
}

/** Adds 0-20 %, the same for the same seed (workflow code has no randomness), never subtracts. */
function jittered(delayMs: number, seed: string): number {
  const fraction = Number.parseInt(sha256Hex(seed).slice(0, 8), 16) / 0xffffffff;
  return Math.round(delayMs * (1 + JITTER * fraction));
}
