import type { PoolRef } from "@slipway/dag";
import { endless, eventually, reportOf, shell } from "@slipway/testbed";
import type { WorkflowHandle } from "@temporalio/client";

/** A run whose histories are kept: what it is started with, and what happens to it. */
export interface Story {
  readonly workflow: "runDag" | "runPod";
  readonly input: object;
  /** `succeeded`, or the first line of what it fails with: a history that tells another story is not kept. */
  readonly ends: string;
  /** Another run that is started first. */
  readonly first?: object;
  /** What is done while it runs. */
  readonly drive?: (run: Driven) => Promise<void>;
  /** Its histories are full after some dozens of events. */
  readonly hops?: true;
  /** Of what it shares with other runs: the workflow that keeps it has a history too, as `<story>-keeper`. */
  readonly keeper?: PoolRef;
  /** Once it is closed it is retried: the run that goes on has a history too, as `<story>-again`. */
  readonly again?: true;
}

export interface Driven {
  readonly handle: WorkflowHandle;
  /** The run that was started first. */
  readonly first: WorkflowHandle | undefined;
  readonly publish: (subject: string) => Promise<void>;
  /** Until the task says what it waits for. */
  readonly waits: (task: string) => Promise<void>;
  readonly ask: (update: string, fields?: object) => Promise<unknown>;
  /** Until tasks, and items (`task[key]`), are in these states. */
  readonly until: (wanted: Readonly<Record<string, string>>) => Promise<void>;
}

const does = (script: string, more: object) => ({ ...shell(script), ...more });
const well = (more: object = {}) => does("true", more);
const dag = (ends: string, tasks: object, more: object = {}): Pick<Story, "workflow" | "input" | "ends"> => ({
  workflow: "runDag",
  input: { dag: { dag: "story", maxActiveRuns: 100, tasks, ...more } },
  ends,
});
const gives = { n: { type: "integer" } };

/** One for each thing that commands depend on: whatever it is, a history of it replays on the code of today. */
export const STORIES: Readonly<Record<string, Story>> = {
  diamond: dag("succeeded", {
    a: well(),
    b: well({ after: "a" }),
    c: { noop: {}, after: "a" },
    d: well({ after: ["b", "c"] }),
  }),
  "run-pod": { workflow: "runPod", input: { name: "alone", task: shell("exit 3") }, ends: "alone failed: exit code 3" },
  refused: {
    workflow: "runDag",
    input: { dag: { dag: "story", tasks: { a: { after: "nobody", noop: {} } } } },
    ends: "error[unknown-task]: there is no task `nobody`",
  },
  retries: dag("picky failed: exit code 4", {
    flaky: does("[ $SLIPWAY_ATTEMPT = 2 ]", { retries: { limit: 2, delay: "1s" } }),
    picky: does("exit 4", { retries: { limit: 3, delay: "1s", if: "outcome.exitCode == 3" } }),
  }),
  sections: dag(
    "quick.bad failed: exit code 1",
    {
      cluster: {
        tasks: { make: well(), use: well({ after: "make" }) },
        finally: { drop: well({ after: { make: "succeeded" } }) },
      },
      quick: { failFast: true, parallelism: 1, tasks: { bad: shell("exit 1"), never: well() } },
      last: well({ after: "cluster" }),
    },
    { finally: { tell: shell("echo ${{ run.state }}") } },
  ),
  conditions: dag("broken failed: if: division by zero", {
    make: does("echo '{\"n\": 7}' > $SLIPWAY_OUTPUTS", { outputs: gives }),
    big: well({ after: "make", if: "tasks.make.outputs.n > 5" }),
    small: well({ after: "make", if: "tasks.make.outputs.n < 5" }),
    broken: well({ after: "make", if: "tasks.make.outputs.n / 0 == 1" }),
    after: { noop: {}, after: ["big", "small"], rule: "none_failed" },
  }),
  outputs: dag(
    "succeeded",
    {
      make: does("echo '{\"n\": 7}' > $SLIPWAY_OUTPUTS", { outputs: gives }),
      use: does("echo ${{ tasks.make.outputs.n }}", {
        after: "make",
        outputs: { said: { type: "string", from: "lastLine" } },
      }),
    },
    { outputs: { said: { value: "${{ tasks.use.outputs.said }}", schema: { type: "string" } } } },
  ),
  timeout: dag(
    "slow failed: not done within the run's timeout (5s)",
    { slow: endless, next: well({ after: "slow" }) },
    { timeout: "5s", finally: { tidy: well() } },
  ),
  "for-each": dag("load failed: load[b]: exit code 1", {
    make: does("echo '{\"n\": 3}' > $SLIPWAY_OUTPUTS", { outputs: gives }),
    load: does("[ ${{ item }} != b ]", { forEach: ["a", "b", "c"], key: "${{ item }}", parallelism: 2 }),
    late: does("exit ${{ item * 0 }}", { after: "make", forEach: "${{ range(tasks.make.outputs.n) }}" }),
    none: { noop: {}, forEach: [] },
  }),
  "rerun-items": {
    ...dag("load failed: load[b]: exit code 1", {
      load: does("[ ${{ item }} != b ]", { forEach: ["a", "b", "c"], key: "${{ item }}" }),
      next: well({ after: "load", forEach: "${{ range(2) }}" }),
    }),
    again: true,
  },
  pool: {
    ...dag("succeeded", {
      a: well({ pool: "two" }),
      b: well({ pool: "two", priority: "high" }),
      c: well({ pool: "two" }),
    }),
    keeper: { kind: "pool", name: "two" },
  },
  mutex: {
    ...dag(
      "succeeded",
      { a: well({ mutex: "alone" }), b: well({ mutex: "alone" }) },
      { defaults: { retries: { disruptions: 0 } } },
    ),
    keeper: { kind: "mutex", name: "alone" },
  },
  rerun: {
    ...dag("bad failed: exit code 1", {
      well: well(),
      bad: does("exit 1", { after: "well" }),
      next: well({ after: "bad" }),
    }),
    again: true,
  },
  approve: {
    ...dag("no failed: rejected by anna", {
      yes: { approve: "Go on?" },
      next: well({ after: "yes" }),
      no: { approve: { message: "And this?", options: ["ship", "reject"] } },
      late: { approve: { message: "And that?", default: "approve" }, timeout: "2s" },
    }),
    drive: async ({ ask, waits }) => {
      await waits("yes");
      await ask("approve", { task: "yes", choice: "approve", by: "anna" });
      await waits("no");
      await ask("approve", { task: "no", choice: "reject", by: "anna" });
    },
  },
  wait: {
    ...dag("succeeded", {
      some: { wait: "2s" },
      past: { wait: { until: "2026-01-01T00:00:00Z" } },
      told: { wait: { event: { subject: "story.told" } } },
      next: well({ after: ["some", "past", "told"] }),
    }),
    drive: async ({ handle, publish, waits }) => {
      await waits("told");
      // Nobody hears what is published before somebody listens.
      await eventually("the message is heard", async () => {
        await publish("story.told");
        return (await reportOf(handle)).tasks["told"]?.state === "succeeded";
      });
    },
  },
  queued: {
    workflow: "runDag",
    input: { dag: { dag: "queue", maxActiveRuns: 1, tasks: { a: well() } } },
    ends: "succeeded",
    first: { dag: { dag: "queue", maxActiveRuns: 1, tasks: { a: endless } } },
    drive: async ({ handle, first }) => {
      await eventually("the run is queued", async () => (await reportOf(handle)).state === "queued");
      await first?.cancel();
    },
    keeper: { kind: "runs", name: "queue" },
  },
  cancel: {
    ...dag("Workflow canceled", { slow: endless, next: well({ after: "slow" }) }, { finally: { tidy: well() } }),
    drive: async ({ handle, until }) => {
      await until({ slow: "running" });
      await handle.cancel();
    },
  },
  "cancel-by-update": {
    ...dag("Workflow canceled", { slow: endless, next: well({ after: "slow" }) }),
    drive: async ({ ask, until }) => {
      await until({ slow: "running" });
      await ask("cancel", { by: "anna", reason: "not needed" });
    },
  },
  controls: {
    ...dag("open failed: cancelled", {
      bad: shell("[ $SLIPWAY_ATTEMPT = 2 ]"),
      next: well({ after: "bad" }),
      slow: endless,
      side: well({ after: "slow", rule: "all_done" }),
      open: endless,
    }),
    drive: async ({ ask, until }) => {
      await until({ next: "upstream_failed", slow: "running", open: "running" });
      await ask("pause", { by: "anna", note: "a look" });
      await ask("skip", { task: "side" });
      await ask("cancelTask", { task: "slow" });
      await until({ slow: "failed" });
      await ask("mark", { task: "slow", state: "succeeded", by: "bo" });
      await ask("retry", { task: "bad" });
      await ask("resume");
      await until({ next: "succeeded" });
      await ask("clear", { task: "next" });
      await until({ next: "succeeded" });
      await ask("cancelTask", { task: "open" });
    },
  },
  "item-controls": {
    ...dag("succeeded", {
      load: does("case ${{ item }} in a) [ $SLIPWAY_ATTEMPT = 2 ];; b) exit 1;; c) exec sleep 1000;; esac", {
        forEach: ["a", "b", "c", "d"],
        key: "${{ item }}",
        pod: { terminationGracePeriodSeconds: 1 },
      }),
      next: well({ after: "load" }),
      open: { approve: "Done?" },
    }),
    drive: async ({ ask, until }) => {
      const of = (index: number, more: object = {}) => ({ task: "load", index, by: "anna", ...more });
      await until({ "load[a]": "failed", "load[b]": "failed", "load[c]": "running", "load[d]": "succeeded" });
      await ask("retry", of(0));
      await until({ "load[a]": "succeeded" });
      await ask("mark", of(1, { state: "succeeded" }));
      await ask("cancelTask", of(2));
      await until({ "load[c]": "failed" });
      await ask("mark", of(2, { state: "skipped" }));
      await until({ next: "succeeded" });
      await ask("clear", of(3));
      await until({ "load[d]": "succeeded", next: "succeeded" });
      await ask("approve", { task: "open", choice: "approve" });
    },
  },
  "set-params": {
    ...dag(
      "succeeded",
      {
        first: does("[ $SLIPWAY_ATTEMPT = 2 ] && echo ${{ params.word }}", { retries: { limit: 1, delay: "5s" } }),
        asked: { approve: "Go on, ${{ params.word }}?" },
        next: does("echo ${{ params.word }}", { after: "asked" }),
        late: does("echo ${{ tasks.next.state }} ${{ params.word }}", { after: ["next", "first"] }),
      },
      { params: { word: "old" } },
    ),
    drive: async ({ ask, until, waits }) => {
      await waits("asked");
      await until({ first: "retrying" });
      const params = { params: { word: "new" }, by: "anna", note: "the old one is gone" };
      await ask("setParams", { ...params, dryRun: true });
      await ask("setParams", params);
      await ask("setParams", params);
      await ask("approve", { task: "asked", choice: "approve" });
    },
  },
  // A value that looks like a reference to the object store is kept there, however small.
  stored: dag(
    "succeeded",
    {
      make: does(`echo '{"slipway.dev/stored":"mine"}'`, { outputs: { it: { type: "object", from: "lastLine" } } }),
      use: does("echo ${{ size(tasks.make.outputs.it) }}", { after: "make", if: "size(tasks.make.outputs.it) == 1" }),
    },
    { outputs: { it: { value: "${{ tasks.make.outputs.it }}", schema: { type: "object" } } } },
  ),
  hops: {
    ...dag("broken failed: exit code 3", {
      slow: shell("sleep 12"),
      broken: does("exit 3", { retries: { limit: 1, delay: "4s" } }),
      ...Object.fromEntries(
        Array.from({ length: 8 }, (_, i) => [`s${i}`, well(i === 0 ? {} : { after: `s${i - 1}` })]),
      ),
    }),
    hops: true,
  },
};
