/** The states a task ends in. A state, once settled, never changes within a run's pass. */
export type SettledState = "succeeded" | "failed" | "skipped" | "upstream_failed";

/** What a trigger rule says of a task, given its upstreams; `undefined` is an upstream not yet settled. */
export type RuleVerdict = "run" | "skip" | "upstream_failed" | "wait";

/**
 * Airflow's `all_success`, made independent of order: a failure settles at once, a skip only when all
 * upstreams are done. (At the first skip, as Airflow does, the same upstreams would give `skipped` or
 * `upstream_failed` by timing.)
 */
export function allSuccess(upstreams: readonly (SettledState | undefined)[]): RuleVerdict {
  if (upstreams.some((state) => state === "failed" || state === "upstream_failed")) return "upstream_failed";
  if (upstreams.includes(undefined)) return "wait";
  return upstreams.includes("skipped") ? "skip" : "run";
}
