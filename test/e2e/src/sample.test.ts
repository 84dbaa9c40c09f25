/** The seed's example, from outside: the command line, a plain NATS subscriber, the Temporal Web UI's sources. */
import { eventually, sharedFleet, start } from "@slipway/testbed";
import { expect, inject, test } from "vitest";

const stack = inject("slipway");
const fleet = sharedFleet();

test("sample - passing-task passes, failing-task fails with a sentence, the run ends failed after its retry", async () => {
  const subscriber = start(stack.binaries.nats, ["sub", "--raw", `${fleet.installation}.log.>`], {
    NATS_URL: stack.nats.url,
  });
  const events = start(stack.binaries.nats, ["sub", `${fleet.installation}.event.>`], { NATS_URL: stack.nats.url });
  try {
    await eventually("the event subscriber listens", () => /Subscribing/.test(events.stderr() + events.stdout()));
    const run = await fleet.run("run", "examples/kubernetes_sample", "--wait");
    expect({ code: run.code, err: run.stderr }).toMatchObject({ code: 3 });

    const log = await fleet.run("logs", "@latest", "passing-task");
    expect(log).toMatchObject({ code: 0, stdout: "hello world\n" });

    const described = await fleet.run("describe", "@latest");
    expect(described.stdout).toContain("python: executable not found in the image");

    const tasks = JSON.parse((await fleet.run("get", "tasks", "@latest", "-o", "json")).stdout);
    expect(JSON.stringify(tasks)).toContain("start_error");

    await eventually("the line reaches the plain subscriber", () => subscriber.stdout().includes("hello world"));
    await eventually("the end of the run reaches the subscriber", () => events.stdout().includes("run.finished"));
    expect(subscriber.stdout().match(/hello world/g)).toHaveLength(1);
    expect(events.stdout()).toContain("python: executable not found in the image");
  } finally {
    await subscriber.stop();
    await events.stop();
  }
});

test("sample - Temporal shows a summary on every activity, search attributes, and the tasks as a table", async () => {
  const runs = fleet.temporal.workflow.list({
    query: `TaskQueue = '${fleet.installation}' AND SlipwayDag = 'kubernetes_sample'`,
  });
  const found = await firstOf(runs);
  expect(found?.status.name).toBe("FAILED");
  const handle = fleet.temporal.workflow.getHandle(found?.workflowId ?? "");
  const { events } = await handle.fetchHistory();
  const scheduled = (events ?? []).filter(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === "runPod",
  );
  const summaries = scheduled.map((event) => Buffer.from(event.userMetadata?.summary?.data ?? []).toString());
  expect(summaries).toHaveLength(3);
  for (const summary of summaries)
    expect(summary).toMatch(/^"(passing|failing)-task, attempt [12]: (passing|failing)-task-[12]-[0-9a-f]{16}"$/);
  const silent = (events ?? []).filter(
    (event) => event.activityTaskScheduledEventAttributes && !event.userMetadata?.summary,
  );
  expect(silent).toEqual([]);
  const metadata = await handle.query<{ currentDetails?: string }>("__temporal_workflow_metadata");
  expect(metadata.currentDetails).toMatch(
    /\| failing-task \| ✘ failed \| 2 \| python: executable not found in the image \|/,
  );
  const failure = (events ?? []).at(-1)?.workflowExecutionFailedEventAttributes?.failure;
  expect(failure).toMatchObject({
    message: "failing-task failed: python: executable not found in the image",
    applicationFailureInfo: { type: "DagFailed", nonRetryable: true },
  });
});

async function firstOf<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item;
  return undefined;
}

test("sample - nothing of the run is left in the cluster", async () => {
  const selector = { labelSelector: `slipway.dev/installation=${fleet.installation}` };
  await eventually(
    "the pods are gone",
    async () => (await fleet.pods.listPodForAllNamespaces(selector)).items.length === 0,
  );
});
