import type { Outcome } from "./outcome.ts";

export const CLEANUP_WHEN = ["always", "onSuccess", "never"] as const;

/** When a pod that has ended is deleted (dag-format.md §2). */
export interface Cleanup {
  readonly when: (typeof CLEANUP_WHEN)[number];
  /** How long a pod that stays stays, from its end. */
  readonly afterMs?: number;
}

/** How long a pod stays after its end: milliseconds, or until somebody deletes it. */
export type Keep = number | "forever";

/**
 * Whether a pod stays, and how long. `always` keeps no pod longer than `after`; `onSuccess` keeps those that did not succeed,
 * `never` all of them: for `after`, and for ever where it does not say. Undefined: it goes at once.
 */
export function keepOf(cleanup: Cleanup | undefined, { kind }: Pick<Outcome, "kind">): Keep | undefined {
  if (cleanup === undefined || cleanup.afterMs === 0) return undefined;
  const { when, afterMs } = cleanup;
  if (when === "always") return afterMs;
  if (when === "onSuccess" && kind === "succeeded") return undefined;
  return afterMs ?? "forever";
}
