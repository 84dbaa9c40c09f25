/** One task over a list, on real pods: map and reduce, items that skip themselves, and histories that end while items run. */
import { aFleet, type Fleet } from "@slipway/testbed";
import { afterAll, beforeAll, expect, inject, test } from "vitest";

let fleet: Fleet;

beforeAll(async () => {
  fleet = await aFleet(inject("slipway"), { env: { SLIPWAY_HISTORY_EVENTS: "60" } });
});
afterAll(async () => {
  await fleet?.close();
});

const shell = (script: string) => ({ image: "slipway.local/busybox:1", command: ["sh", "-c", script] });

interface Item {
  readonly index: number;
  readonly key: string;
  readonly state: string;
  readonly attempts?: number;
}
interface Told {
  readonly state: string;
  readonly reason?: string;
  readonly message?: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly items?: readonly Item[];
}

async function run(name: string, tasks: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const handle = await fleet.temporal.workflow.start("runDag", {
    taskQueue: fleet.installation,
    workflowId: `dag/items/${name}`,
    args: [{ dag: { dag: "items", defaults: { namespace: fleet.namespace }, ...more, tasks } }],
  });
  await handle.result().catch(() => undefined);
  const report = await handle.query<{ state: string; tasks: Record<string, Told>; outputs: unknown }>("state");
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
