/** Verbs of the plan that this version knows by name only; docs/cli.md lists the same. */
export const NOT_YET_VERBS = [
  "init",
  "apply",
  "diff",
  "sync",
  "history",
  "rollback",
  "delete",
  "backfill",
  "schedule",
  "open",
  "completion",
] as const;
