/** What the policy words of a task do with real pods. */
import { eventually, exits, sharedFleet, startDag } from "@slipway/testbed";
import { expect, test } from "vitest";

const fleet = sharedFleet();

const retries = { limit: 2, delay: "0s" };

async function start(run: string, tasks: Record<string, unknown>): Promise<unknown> {
  const handle = await startDag(fleet, "policy", run, { tasks });
  await handle.result().catch(() => undefined);
  return await handle.query("state");
}

test("exitCodes - skip: the task and what needs it are skipped, the run is green; fail: one attempt", async () => {
  const report = await start("exit-codes", {
    partition: { ...exits(99), retries, exitCodes: { skip: [99] } },
    load: { ...exits(0), after: "partition" },
  });
  expect(report).toMatchObject({
    state: "succeeded",
    tasks: {
      partition: { state: "skipped", reason: "exit code 99", attempts: 1 },
      load: { state: "skipped", attempts: 0 },
    },
  });
  expect(await start("exit-codes-fail", { a: { ...exits(3), retries, exitCodes: { fail: [3] } } })).toMatchObject({
    state: "failed",
    tasks: { a: { state: "failed", attempts: 1, kind: "exit" } },
  });
});

test("retries.if - the condition decides over each end; one that never answers fails its task and no other", async () => {
  // 120^4 comparisons: minutes.
  const ones = `[${Array(120).fill(1).join()}]`;
  const endless = `${ones}.all(a, ${ones}.all(b, ${ones}.all(c, ${ones}.all(d, a + b + c + d > 0))))`;
  const report = await start("conditions", {
    again: { ...exits(75), retries: { ...retries, if: "outcome.exitCode in [75, 111]" } },
    never: { ...exits(2), retries: { ...retries, if: 'outcome.kind != "exit" || outcome.exitCode > 2' } },
    broken: { ...exits(3), retries: { ...retries, if: "100 / (outcome.exitCode - 3) > 1" } },
    endless: { ...exits(3), retries: { ...retries, if: endless } },
    default: { ...exits(3), retries },
  });
  expect(report).toMatchObject({
    state: "failed",
    tasks: {
      again: { state: "failed", kind: "exit", attempts: 3 },
      never: { state: "failed", kind: "exit", attempts: 1 },
      broken: {
        state: "failed",
        kind: "expression",
        attempts: 1,
        message: "retries.if has no answer: division by zero; the attempt: exit code 3",
      },
      endless: {
        kind: "expression",
        attempts: 1,
        message: "retries.if has no answer: it took longer than 2 s; the attempt: exit code 3",
      },
      default: { state: "failed", attempts: 3 },
    },
  });
});

test("timeout.total - tries end when it is over: between two, and in the middle of one", async () => {
  const image = "slipway.local/busybox:1";
  const command = ["sh", "-c", 'test "$SLIPWAY_ATTEMPT" = 1 && exit 3; exec sleep 1000'];
  const pod = { terminationGracePeriodSeconds: 1 };
  const report = await start("total", {
    between: { ...exits(3), retries: { limit: 9, delay: "1m" }, timeout: { total: "30s" } },
    within: { image, command, pod, retries: { limit: 9, delay: "1s" }, timeout: { total: "12s" } },
  });
  expect(report).toMatchObject({
    state: "failed",
    tasks: {
      between: {
        kind: "timeout",
        attempts: 1,
        message: "no time for another try within timeout.total (30s); the last: exit code 3",
      },
      within: { kind: "timeout", attempts: 2, message: "not done within timeout.total (12s)" },
    },
  });
});

test("mainContainer - the task is the container of that name; another one fails nothing and holds nothing up", async () => {
  const helper = { name: "main", image: "slipway.local/busybox:1", command: ["sh", "-c", "echo helping; sleep 1000"] };
  const quick = { name: "quick", image: "slipway.local/busybox:1", command: ["sh", "-c", "exit 5"] };
  const pod = { terminationGracePeriodSeconds: 1, containers: [helper, quick, { name: "job", workingDir: "/tmp" }] };
  const image = "slipway.local/busybox:1";
  const report = await start("main-container", {
    good: { image, command: ["sh", "-c", "pwd"], mainContainer: "job", pod },
    bad: { image, command: ["sh", "-c", "exit 3"], mainContainer: "job", pod },
  });
  expect(report).toMatchObject({
    state: "failed",
    tasks: { good: { state: "succeeded" }, bad: { state: "failed", message: "exit code 3" } },
  });
  const log = await fleet.run("logs", "policy/main-container", "good", "-c", "job");
  expect(log.stdout).toBe("/tmp\n");
});

test("timeout.schedule - a pod that no node takes ends with the scheduler's words", async () => {
  const nowhere = { nodeSelector: { "kubernetes.io/hostname": "nowhere" } };
  const report = await start("no-node", { a: { ...exits(0), pod: nowhere, timeout: { schedule: "2s" } } });
  expect(report).toMatchObject({
    state: "failed",
    tasks: { a: { kind: "unschedulable", message: expect.stringContaining("no node within timeout.schedule (2s)") } },
  });
  expect(JSON.stringify(report)).toContain("node affinity/selector");
  await eventually("no pod is left", async () => {
    const { items } = await fleet.pods.listNamespacedPod({ namespace: fleet.namespace });
    return items.length === 0;
  });
});
