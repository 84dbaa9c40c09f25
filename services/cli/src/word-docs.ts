import type { Rule, TaskReport } from "@slipway/dag";

/** When a task with the rule runs, and what it is otherwise: as docs/reference/dag-file.md has it. */
export const RULE_DOCS: Readonly<Record<Rule, readonly [runs: string, otherwise: string]>> = {
  all_success: ["all succeeded", "`upstream_failed` at the first failure; `skipped`"],
  all_failed: ["all failed", "`skipped`"],
  all_done: ["all are done, in any state", ""],
  all_done_min_one_success: [
    "all are done, none skipped, one succeeded",
    "`skipped` where one was skipped; `upstream_failed`",
  ],
  all_skipped: ["all were skipped", "`skipped`"],
  one_success: ["the first has succeeded", "`skipped` where all were skipped; `upstream_failed`"],
  one_failed: ["the first has failed", "`skipped`"],
  one_done: ["the first has succeeded or failed itself", "`skipped`"],
  none_failed: ["all are done, none failed", "`upstream_failed` at the first failure"],
  none_failed_min_one_success: [
    "all are done, none failed, one succeeded",
    "`upstream_failed` at the first failure; `skipped`",
  ],
  none_skipped: ["all are done, none skipped", "`skipped`"],
  always: ["at once", ""],
};

/** What a report calls a task, or a run. */
export const STATE_DOCS: Readonly<Record<TaskReport["state"] | "queued" | "paused" | "cancelled", string>> = {
  waiting: "of a task: for its upstreams, a worker, a pool, a person, a time or a message; `describe` says for what.",
  running: "of a task: an attempt of it is under way, of a group one of its tasks; of a run: it goes on.",
  retrying: "of a task: an attempt has failed, and the next one comes after a delay.",
  succeeded: "of a task: its last attempt ended well; of a run: no leaf has failed.",
  failed: "of a task: it failed and is not tried again; of a run: a leaf, or a task of `finally`, has failed.",
  skipped:
    "of a task: it did not run and was not meant to: its `if` was false, its rule or edges were not met by a skip, its exit code was one of `exitCodes.skip`, its list was empty, or somebody said so.",
  upstream_failed:
    "of a task: it did not run because one that it waits for has failed, or did not run for that reason.",
  queued: "of a run: as many runs of its DAG as `maxActiveRuns` says are active; it waits for its turn.",
  paused: "of a run: nothing new starts until `slipway unpause`; what runs goes on.",
  cancelled: "of a run: somebody ended it; its `finally` has run.",
};
