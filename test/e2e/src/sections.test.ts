/** What holds of tasks together: finally, failFast, parallelism, the run's timeout, groups; over hops and cancels too. */
import { endless, eventually, sharedFleet, shell, startDag } from "@slipway/testbed";
import { expect, test } from "vitest";

const fleet = sharedFleet({ env: { SLIPWAY_HISTORY_EVENTS: "50" } });

const noop = { noop: {} };

const startRun = async (run: string, dag: Record<string, unknown>) => await startDag(fleet, "sections", run, dag);

type Handle = Awaited<ReturnType<typeof startRun>>;
const reason = async (handle: Handle): Promise<unknown> =>
  await handle.result().then(
    () => "succeeded",
    (error: unknown) => error,
  );
const hops = async (handle: Handle): Promise<boolean> => {
  const { raw } = await handle.describe();
  const { firstRunId, execution } = raw.workflowExecutionInfo ?? {};
  return firstRunId !== execution?.runId;
};
const steps = (many: number) =>
  Object.fromEntries(
    Array.from({ length: many }, (_, i) => [`s${i}`, { ...shell("true"), ...(i > 0 && { after: `s${i - 1}` }) }]),
  );

test.concurrent("sections - a group with its own finally: what failed in it is the cause; finally runs whatever happened", async () => {
  const handle = await startRun("groups", {
    tasks: {
      start: noop,
      index: {
        after: "start",
        parallelism: 1,
        defaults: { env: { WHO: "index" } },
        tasks: {
          cluster: {
            ...shell('echo "up by $WHO"; echo \'{"host": "h1"}\' > $SLIPWAY_OUTPUTS'),
            outputs: { host: { type: "string" } },
          },
          build: {
            ...shell('test "$HOST" = h1 && exit 3'),
            after: "cluster",
            env: { HOST: "${{ tasks.cluster.outputs.host }}" },
          },
          idle: { after: "cluster", if: 'tasks.cluster.outputs.host == "h2"', tasks: { a: shell("true") } },
          verify: { ...shell("true"), after: "build" },
          inner: { after: "cluster", tasks: { a: shell("true"), b: { noop: {}, after: "a" } } },
        },
        finally: { down: { ...shell("true"), after: { cluster: "succeeded" } } },
      },
      publish: { ...shell("true"), after: "index" },
    },
    finally: { report: shell("exit 4") },
  });
  expect(await reason(handle)).toMatchObject({
    cause: { message: "index.build failed: exit code 3; in finally: report failed: exit code 4" },
  });
  expect(await handle.query("state")).toMatchObject({
    state: "failed",
    tasks: {
      index: { state: "failed", kind: "exit", attempts: 0, message: "index.build failed: exit code 3" },
      "index.cluster": { state: "succeeded", attempts: 1 },
      "index.build": { state: "failed", kind: "exit" },
      "index.verify": { state: "upstream_failed" },
      "index.idle": { state: "skipped" },
      "index.idle.a": { state: "skipped", reason: "the group index.idle was skipped" },
      "index.inner": { state: "succeeded" },
      "index.inner.b": { state: "succeeded" },
      "index.down": { state: "succeeded", attempts: 1 },
      publish: { state: "upstream_failed", reason: "index did not succeed" },
      report: { state: "failed", kind: "exit" },
    },
  });
  expect((await fleet.run("logs", "sections/groups", "index.cluster")).stdout).toBe("up by index\n");
});

test.concurrent("sections - failFast: the first failure ends what runs, skips the rest, and finally still runs", async () => {
  const handle = await startRun("fail-fast", {
    failFast: true,
    tasks: { bad: shell("sleep 1; exit 3"), slow: endless, next: { ...shell("true"), after: "slow" } },
    finally: { report: shell("true") },
  });
  expect(await reason(handle)).toMatchObject({ cause: { message: "bad failed: exit code 3" } });
  expect(await handle.query("state")).toMatchObject({
    state: "failed",
    tasks: {
      bad: { state: "failed", kind: "exit" },
      slow: { state: "failed", kind: "cancelled", message: "failFast: bad failed" },
      next: { state: "skipped", reason: "failFast: bad failed" },
      report: { state: "succeeded", attempts: 1 },
    },
  });
});

test.concurrent("sections - the run's timeout counts over hops; then finally runs, and the run has failed", async () => {
  const handle = await startRun("timeout", {
    timeout: "30s",
    tasks: { slow: endless, after: { ...shell("true"), after: "slow" }, ...steps(6) },
    finally: { report: shell("true") },
  });
  const message = "not done within the run's timeout (30s)";
  expect(await reason(handle)).toMatchObject({ cause: { type: "DagFailed", message: `slow failed: ${message}` } });
  expect(await hops(handle)).toBe(true);
  expect(await handle.query("state")).toMatchObject({
    state: "failed",
    tasks: {
      slow: { state: "failed", kind: "timeout", attempts: 1, message },
      after: { state: "skipped", reason: message },
      report: { state: "succeeded", attempts: 1 },
    },
  });
});

test.concurrent("sections - cancelled in a later history: what runs is ended, then finally runs, then the run is cancelled", async () => {
  const handle = await startRun("cancel", {
    tasks: { slow: endless, ...steps(6) },
    finally: { last: shell("true"), report: { ...shell("true"), after: "last" } },
  });
  await eventually("a later history", async () => await hops(handle));
  await handle.cancel();
  expect(await reason(handle)).toMatchObject({ name: "WorkflowFailedError", cause: { name: "CancelledFailure" } });
  expect((await handle.describe()).status.name).toBe("CANCELLED");
  expect(await handle.query("state")).toMatchObject({
    state: "cancelled",
    tasks: {
      slow: { state: "failed", kind: "cancelled" },
      last: { state: "succeeded" },
      report: { state: "succeeded" },
    },
  });
});
