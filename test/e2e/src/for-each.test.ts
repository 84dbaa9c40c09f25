/** One task over a list, on real pods: map and reduce, items that skip themselves, and histories that end while items run. */
import { eventually, reportOf, sharedFleet, shell } from "@slipway/testbed";
import { expect, test } from "vitest";

const fleet = sharedFleet({ env: { SLIPWAY_HISTORY_EVENTS: "60" } });

async function run(name: string, tasks: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const handle = await fleet.temporal.workflow.start("runDag", {
    taskQueue: fleet.installation,
    workflowId: `dag/items/${name}`,
    args: [{ dag: { dag: "items", defaults: { namespace: fleet.namespace }, ...more, tasks } }],
  });
  await handle.result().catch(() => undefined);
  const report = await reportOf(handle);
  const { raw } = await handle.describe();
  const isLater = raw.workflowExecutionInfo?.firstRunId !== raw.workflowExecutionInfo?.execution?.runId;
  return { ...report, isLater };
}

const printed = (text: string) => shell(`echo '${text}'`);

test("forEach - map and reduce: a list that a pod printed, a pod for each element, one over what all of them gave", async () => {
  const count = shell(`echo "counting $SLIPWAY_INDEX of $SHARD"; echo "{\\"rows\\": \${#SHARD}}" > "$SLIPWAY_OUTPUTS"`);
  const { state, tasks, outputs, isLater } = await run(
    "map-reduce",
    {
      plan: {
        ...printed('["a", "bb", "ccc", "dddd", "eeeee", "ffffff"]'),
        outputs: { shards: { type: "array", from: "stdout" } },
      },
      count: {
        after: "plan",
        forEach: "${{ tasks.plan.outputs.shards }}",
        key: "${{ item }}",
        parallelism: 2,
        env: { SHARD: "${{ item }}" },
        ...count,
        outputs: { rows: { type: "integer" } },
      },
      total: {
        after: "count",
        ...shell("echo ${{ sum(tasks.count.outputs.rows) }} of ${{ tasks.count.items.size() }}"),
        outputs: { said: { type: "string", from: "stdout" } },
      },
    },
    { outputs: { rows: { value: "${{ tasks.count.outputs.rows }}" } } },
  );
  expect({ state, outputs, isLater }).toEqual({
    state: "succeeded",
    outputs: { rows: [1, 2, 3, 4, 5, 6] },
    isLater: true,
  });
  expect(tasks["count"]?.items?.map(({ key, state: one }) => `${key} ${one}`)).toEqual(
    ["a", "bb", "ccc", "dddd", "eeeee", "ffffff"].map((key) => `${key} succeeded`),
  );
  expect(tasks["total"]?.outputs).toEqual({ said: "21 of 6" });
  const events = (await fleet.run("events", "items/map-reduce", "-o", "json")).stdout.trimEnd().split("\n");
  const created = events.map((line): { type: string; task?: string; index?: number } => JSON.parse(line));
  const made = created.filter(({ type, task }) => type === "dev.slipway.attempt.created" && task === "count");
  expect(made.map(({ index }) => String(index)).toSorted()).toEqual(["0", "1", "2", "3", "4", "5"]);
  const ends = created.filter(({ type, task }) => type === "dev.slipway.task.finished" && task === "count");
  expect(ends.map(({ index = "-" }) => String(index)).toSorted()).toEqual(["-", "0", "1", "2", "3", "4", "5"]);
}, 180_000);

test("forEach - items that skip themselves, and one that fails: defaults in the lists, the cause by its key", async () => {
  const load = shell(
    'test "$DAY" = 2026-11-21 && exit 99; test "$DAY" = 2026-11-22 && exit 3; echo "{\\"rows\\": 5}" > "$SLIPWAY_OUTPUTS"',
  );
  const { state, tasks } = await run("nightly", {
    load: {
      forEach: "${{ dates(timestamp('2026-11-20T00:00:00Z'), timestamp('2026-11-24T00:00:00Z')) }}",
      key: "${{ item }}",
      parallelism: 8,
      env: { DAY: "${{ item }}" },
      ...load,
      exitCodes: { skip: [99], fail: [3] },
      outputs: { rows: { type: "integer", default: 0 } },
    },
    none: {
      after: { load: "failed" },
      forEach: "${{ tasks.load.outputs.rows.filter(r, r != null && r > 100) }}",
      ...shell("true"),
    },
    twice: { forEach: ["a", "b", "a"], key: "${{ item }}", ...shell("true") },
  });
  expect(state).toBe("failed");
  expect(tasks["load"]).toMatchObject({
    state: "failed",
    message: "load[2026-11-22]: exit code 3",
    outputs: { rows: [5, 0, null, 5] },
    items: [
      { index: 0, key: "2026-11-20", state: "succeeded" },
      { index: 1, key: "2026-11-21", state: "skipped" },
      { index: 2, key: "2026-11-22", state: "failed" },
      { index: 3, key: "2026-11-23", state: "succeeded" },
    ],
  });
  expect(tasks["none"]).toMatchObject({ state: "skipped", reason: "its list is empty" });
  expect(tasks["twice"]).toMatchObject({ state: "failed", message: "key: the items 0 and 2 are both called `a`" });
}, 120_000);

test("forEach - a history ends while items run: they are adopted, each pod is made once, retries go on", async () => {
  const { state, tasks, isLater } = await run("hops", {
    work: {
      forEach: { region: ["eu", "us"], n: "${{ range(5) }}" },
      key: "${{ item.region }}-${{ item.n }}",
      parallelism: 4,
      retries: { limit: 1, delay: "1s" },
      ...shell(
        'test "$SLIPWAY_INDEX$SLIPWAY_ATTEMPT" = 71 && exit 1; sleep 4; echo "$SLIPWAY_INDEX ${{ item.region }} ${{ item.n }}"',
      ),
      outputs: { said: { type: "string", from: "lastLine" } },
    },
  });
  expect({ state, isLater }).toEqual({ state: "succeeded", isLater: true });
  expect(tasks["work"]?.outputs?.["said"]).toEqual(
    ["eu", "us"].flatMap((region, at) => [0, 1, 2, 3, 4].map((n) => `${at * 5 + n} ${region} ${n}`)),
  );
  expect(tasks["work"]?.items?.find(({ index }) => index === 7)).toMatchObject({ key: "us-2", attempts: 2 });
  const events = (await fleet.run("events", "items/hops", "-o", "json")).stdout.trimEnd().split("\n");
  const created = events
    .map((line): { type: string; index?: number; attempt?: number } => JSON.parse(line))
    .filter(({ type }) => type === "dev.slipway.attempt.created")
    .map(({ index, attempt }) => `${index}.${attempt}`);
  expect(created.toSorted()).toEqual([...Array.from({ length: 10 }, (_, at) => `${at}.1`), "7.2"].toSorted());
}, 180_000);

test("outputs - values of a pod, a noop and a group; one that cannot be had makes a good end a failure", async () => {
  const { state, tasks } = await run("values", {
    rows: { ...shell('echo "{\\"n\\": 4}" > "$SLIPWAY_OUTPUTS"'), outputs: { n: { type: "integer" } } },
    index: {
      after: "rows",
      tasks: {
        build: {
          ...shell("echo built"),
          outputs: {
            said: { type: "string", from: "lastLine" },
            double: { value: "${{ tasks.rows.outputs.n * 2 }}", type: "integer" },
          },
        },
      },
      outputs: { all: { value: "${{ tasks.build.outputs.said }} ${{ tasks.build.outputs.double }}" } },
    },
    said: { noop: {}, after: "index", outputs: { it: { value: "${{ tasks.index.outputs.all }}!" } } },
    wrong: { after: "rows", ...shell("true"), outputs: { x: { value: "${{ tasks.rows.outputs.n / 0 }}" } } },
  });
  expect(state).toBe("failed");
  expect(tasks["index.build"]?.outputs).toEqual({ said: "built", double: 8 });
  expect([tasks["index"]?.outputs, tasks["said"]?.outputs]).toEqual([{ all: "built 8" }, { it: "built 8!" }]);
  expect(tasks["wrong"]).toMatchObject({ state: "failed", kind: "output" });
}, 120_000);

test("forEach - one item by its key: its log, its events, tried again while the run goes on", async () => {
  const handle = await fleet.temporal.workflow.start("runDag", {
    taskQueue: fleet.installation,
    workflowId: "dag/items/by-key",
    args: [
      {
        dag: {
          dag: "items",
          defaults: { namespace: fleet.namespace },
          tasks: {
            hold: { ...shell("sleep 1000"), pod: { terminationGracePeriodSeconds: 1 } },
            load: {
              forEach: ["a", "b"],
              key: "day-${{ item }}",
              ...shell('echo "loads $SLIPWAY_INDEX"; test "$SLIPWAY_INDEX$SLIPWAY_ATTEMPT" != 11'),
            },
            next: { after: "load", ...shell("true") },
          },
        },
      },
    ],
  });
  const tasks = async () => (await reportOf(handle)).tasks;
  await eventually("an item has failed", async () => (await tasks())["load"]?.state === "failed");
  const listed = (await fleet.run("get", "tasks", "items/by-key")).stdout;
  expect(listed).toMatch(/load +failed .*load\[day-b\]: exit code 1 1 of 2 succeeded, 1 failed/);
  expect((await fleet.run("logs", "items/by-key", "load[day-b]")).stdout).toBe("loads 1\n");
  expect((await fleet.run("logs", "items/by-key", "load", "--index", "0")).stdout).toBe("loads 0\n");
  for (const task of [[], ["load"]])
    expect((await fleet.run("logs", "items/by-key", ...task)).stdout).toContain("[load[day-b]] loads 1\n");
  expect((await fleet.run("events", "items/by-key")).stdout).toMatch(
    /attempt\.finished +load\[day-b\] +1  exit code 1/,
  );
  const retried = await fleet.run("retry", "items/by-key", "load[day-b]", "-o", "json");
  expect(JSON.parse(retried.stdout)).toMatchObject({
    changes: [
      { task: "load", from: "failed" },
      { task: "load", index: 1, from: "failed", to: "waiting" },
      { task: "next", from: "upstream_failed", to: "waiting" },
    ],
  });
  await eventually("what comes after has run", async () => (await tasks())["next"]?.state === "succeeded");
  expect((await tasks())["load"]?.items).toMatchObject([{ key: "day-a" }, { key: "day-b", attempts: 2 }]);
  const events = (await fleet.run("events", "items/by-key", "load[day-b]", "-o", "json")).stdout.trimEnd().split("\n");
  const types = events.map((line): string => JSON.parse(line).type.replace("dev.slipway.", ""));
  expect(types.filter((type) => type.startsWith("task."))).toEqual(["task.finished", "task.cleared", "task.finished"]);
  expect((await fleet.run("cancel", "items/by-key")).code).toBe(0);
  await handle.result().catch(() => undefined);
}, 120_000);
