/** Expressions over real pods: what a run's start decides, and what only an ancestor's end gives. */
import { reportOf, sharedFleet, shell, startDag } from "@slipway/testbed";
import { expect, test } from "vitest";

const fleet = sharedFleet({ env: { SLIPWAY_STORE: "s3://lake/", SLIPWAY_TEMPORAL_UI: "http://ui.example" } });

const start = async (run: string, dag: Record<string, unknown>) => await startDag(fleet, "expressions", run, dag);

test("expressions - outputs of an ancestor reach a pod as text, the try and the one before it too", async () => {
  const said = { outputs: { line: { type: "string", from: "lastLine" } } };
  const handle = await start("good", {
    params: { n: 2 },
    tasks: {
      "first-one": {
        ...shell(`echo '{"rows": 3, "list": ["a", "b"]}' > "$SLIPWAY_OUTPUTS"`),
        outputs: { rows: { type: "integer" }, list: { type: "array" } },
      },
      second: {
        ...shell('echo "$ROWS|$1|$2|$3|$4"'),
        after: "first-one",
        args: ["sh", '${{ tasks["first-one"].outputs.list }}', "${{ ds == ts.substring(0, 10) }}", "$${{ x }}"],
        env: { ROWS: "${{ tasks['first-one'].outputs.rows * params.n }}" },
        ...said,
      },
      again: {
        ...shell('echo "$TRY"; test "$TRY" = "2 exit 1"'),
        env: {
          TRY: "${{ attempt }} ${{ previous == null ? 'none' : previous.kind + ' ' + string(previous.exitCode) }}",
        },
        retries: { limit: 1, delay: "0s" },
        ...said,
      },
      started: {
        ...shell('echo "$RUN"'),
        env: { RUN: "${{ run.dag }}/${{ run.id }} ${{ sum(range(params.n + 1)) }} ${{ run.store }}/x ${{ run.url }}" },
        ...said,
      },
    },
  });
  await handle.result().catch(() => undefined);
  const { tasks } = await reportOf(handle);
  expect(tasks).toMatchObject({
    second: { state: "succeeded", outputs: { line: '6|["a","b"]|true|${{ x }}|' } },
    again: { state: "succeeded", attempts: 2, outputs: { line: "2 exit 1" } },
    started: { state: "succeeded" },
  });
  const page = "http://ui.example/namespaces/default/workflows/dag%2Fexpressions%2Fgood";
  expect(tasks["started"]?.outputs).toEqual({
    line: `expressions/good 3 s3://lake/x ${page}/${handle.firstExecutionRunId}/history`,
  });
});

test("expressions - one that fails is its task's outcome, without a pod and without another try", async () => {
  const handle = await start("bad", {
    tasks: {
      first: {
        ...shell(`echo '{"n": 0, "image": "Bad Image", "slow": "${"a".repeat(40)}!"}' > "$SLIPWAY_OUTPUTS"`),
        outputs: { n: { type: "integer" }, image: { type: "string" }, slow: { type: "string" } },
      },
      divided: { ...shell("true"), after: "first", retries: 3, env: { A: "${{ 1 / tasks.first.outputs.n }}" } },
      endless: { ...shell("true"), after: "first", env: { A: "${{ tasks.first.outputs.slow.matches('^(a+)+$') }}" } },
      image: { image: "${{ tasks.first.outputs.image }}", after: "first" },
    },
  });
  await expect(handle.result()).rejects.toThrow();
  const { tasks } = await reportOf(handle);
  expect(tasks).toMatchObject({
    divided: {
      state: "failed",
      kind: "expression",
      attempts: 1,
      message: "${{ 1 / tasks.first.outputs.n }}: division by zero",
    },
    endless: { state: "failed", kind: "expression", message: expect.stringContaining("it took longer than 2 s") },
    image: { state: "failed", kind: "image", message: expect.stringContaining("has a space in it") },
  });
  const { items } = await fleet.pods.listNamespacedPod({ namespace: fleet.namespace });
  expect(items.filter(({ metadata }) => metadata?.labels?.["slipway.dev/task"] !== "first")).toEqual([]);
});

test("expressions - a bad image reference that the start decides is refused before the first pod", async () => {
  const handle = await start("refused", {
    params: { tag: "a b" },
    tasks: { first: { noop: {} }, second: { image: "${{ 'r/x:' + params.tag }}", after: "first" } },
  });
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: "InvalidDag" } });
});

test("expressions - the outputs of the DAG are what runDag returns; one that does not fit makes the run failed", async () => {
  const tasks = {
    count: { ...shell(`echo '{"rows": 3}' > "$SLIPWAY_OUTPUTS"`), outputs: { rows: { type: "integer" } } },
  };
  const value = "${{ tasks.count.outputs.rows + 1 }}";
  const good = await start("outputs", {
    tasks,
    outputs: { rows: { value, schema: { type: "integer" } }, day: { value: "${{ ds }}" } },
  });
  expect(await good.result()).toMatchObject({
    state: "succeeded",
    outputs: { rows: 4, day: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) },
  });
  const bad = await start("misfit", { tasks: { a: { noop: {} } }, outputs: { n: { value: "${{ 1 / size('') }}" } } });
  await expect(bad.result()).rejects.toMatchObject({ cause: { type: "InvalidDag" } });
  const late = await start("late", {
    tasks: { a: { noop: {} } },
    outputs: { n: { value: "${{ 1 / size(tasks.a.state) }}", schema: { minimum: 1 } } },
  });
  await expect(late.result()).rejects.toMatchObject({
    cause: { type: "DagFailed", message: "the outputs of the run: n must be at least 1" },
  });
  expect(await late.query("state")).toMatchObject({
    state: "failed",
    tasks: { a: { state: "succeeded" } },
    outputs: {},
  });
});
