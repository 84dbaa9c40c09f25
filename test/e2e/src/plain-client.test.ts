/** What any program may do: start with @temporalio/client alone, read with @nats-io/transport-node alone. */
import { connect, type Msg } from "@nats-io/transport-node";
import { eventually, sharedFleet } from "@slipway/testbed";
import { WorkflowFailedError } from "@temporalio/client";
import { expect, inject, test } from "vitest";

const stack = inject("slipway");
const fleet = sharedFleet();

const busybox = (script: string) => ({ image: "slipway.local/busybox:1", command: ["sh", "-c"], args: [script] });

async function failureOf(work: Promise<unknown>): Promise<WorkflowFailedError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof WorkflowFailedError) return error;
  throw new Error("the run did not fail", { cause: error });
}

test("plain client - runDag gives the report; the log is read from NATS, each line once", async () => {
  const nats = await connect({ servers: stack.nats.url });
  const frames: Msg[] = [];
  nats.subscribe(`${fleet.installation}.log.>`, { callback: (_, message) => void frames.push(message) });
  await nats.flush();
  try {
    const dag = {
      dag: "plain",
      defaults: { namespace: fleet.namespace },
      tasks: { hello: busybox("echo one; echo two >&2; echo three"), after: { after: "hello", noop: {} } },
    };
    const report = await fleet.temporal.workflow.execute("runDag", {
      taskQueue: fleet.installation,
      workflowId: "any id/I like",
      args: [{ dag }],
    });
    expect(report).toEqual({
      state: "succeeded",
      tasks: { hello: { state: "succeeded", attempts: 1 }, after: { state: "succeeded", attempts: 0 } },
      outputs: {},
    });
    await eventually("the end frame", () => frames.some((frame) => frame.headers?.get("Slipway-Kind") === "end"));
    expect(new Set(frames.map((frame) => frame.subject))).toEqual(
      new Set([`${fleet.installation}.log.plain.any=20id=2FI=20like.hello.-.1.main`]),
    );
    const kinds = frames.map((frame) => frame.headers?.get("Slipway-Kind"));
    expect(kinds[0]).toBe("start");
    expect(kinds.at(-1)).toBe("end");
    const lines = frames
      .filter((frame) => frame.headers?.get("Slipway-Kind") === "lines")
      .flatMap((frame) => frame.string().split("\n"));
    expect(lines.sort()).toEqual(["one", "three", "two"]);
  } finally {
    await nats.close();
  }
});

test("plain client - runPod is one pod; failed = failed workflow with the outcome in details", async () => {
  const start = (script: string, workflowId: string) =>
    fleet.temporal.workflow.execute("runPod", {
      taskQueue: fleet.installation,
      workflowId,
      args: [{ name: "job", task: { ...busybox(script), namespace: fleet.namespace } }],
    });
  expect(await start("exit 0", "pod-1")).toMatchObject({ state: "succeeded", tasks: { job: { attempts: 1 } } });
  const { cause } = await failureOf(start("exit 7", "pod-2"));
  expect(cause).toMatchObject({
    type: "DagFailed",
    message: "job failed: exit code 7",
    details: [
      { kind: "exit", exitCode: 7 },
      { state: "failed", tasks: { job: { kind: "exit" } } },
    ],
  });
});

test("plain client - a task is tried again, and what follows a failure does not run", async () => {
  const dag = {
    dag: "retries",
    defaults: { namespace: fleet.namespace, retries: { limit: 2, delay: "1s" } },
    tasks: {
      flaky: busybox('test "$SLIPWAY_ATTEMPT" = 3'),
      broken: { ...busybox("exit 4"), retries: 0 },
      never: { after: ["flaky", "broken"], ...busybox("true") },
    },
  };
  const { cause } = await failureOf(
    fleet.temporal.workflow.execute("runDag", {
      taskQueue: fleet.installation,
      workflowId: "dag/retries/1",
      args: [{ dag }],
    }),
  );
  expect(cause).toMatchObject({ message: "broken failed: exit code 4" });
  const report: unknown = await fleet.temporal.workflow.getHandle("dag/retries/1").query("state");
  expect(report).toMatchObject({
    state: "failed",
    tasks: {
      flaky: { state: "succeeded", attempts: 3 },
      broken: { state: "failed", attempts: 1 },
      never: { state: "upstream_failed", attempts: 0 },
    },
  });
});

test("plain client - a cron or a workflow retry policy is refused, it would repeat pod names", async () => {
  const dag = { dag: "no_cron", tasks: { a: { noop: {} } } };
  const options = { taskQueue: fleet.installation, args: [{ dag }] };
  const { cause } = await failureOf(
    fleet.temporal.workflow.execute("runDag", { ...options, workflowId: "with-retry", retry: { maximumAttempts: 2 } }),
  );
  expect(cause).toMatchObject({ type: "InvalidStart" });
});

test("plain client - cancelled before anything started: nothing starts, everything is skipped", async () => {
  const dag = {
    dag: "early",
    defaults: { namespace: fleet.namespace },
    tasks: { a: busybox("true"), b: busybox("true") },
  };
  const start = { taskQueue: fleet.installation, workflowId: "dag/early/1", args: [{ dag }] };
  const handle = await fleet.temporal.workflow.start("runDag", { ...start, startDelay: "1s" });
  await handle.cancel();
  await failureOf(handle.result());
  const report: unknown = await handle.query("state");
  expect(report).toMatchObject({ state: "cancelled", tasks: { a: { state: "skipped" }, b: { state: "skipped" } } });
  const { events } = await handle.fetchHistory();
  const types = (events ?? []).map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name);
  expect(types).not.toContain("runPod");
});

test("plain client - Temporal's cancel ends the pods and closes the run as cancelled", async () => {
  const dag = {
    dag: "long",
    defaults: { namespace: fleet.namespace },
    tasks: {
      sleeper: busybox("trap 'exit 0' TERM; echo up; while true; do sleep 0.2; done"),
      next: { after: "sleeper", noop: {} },
    },
  };
  const handle = await fleet.temporal.workflow.start("runDag", {
    taskQueue: fleet.installation,
    workflowId: "dag/long/1",
    args: [{ dag }],
  });
  const selector = { namespace: fleet.namespace, labelSelector: "slipway.dev/dag=long" };
  await eventually("the pod runs", async () =>
    (await fleet.pods.listNamespacedPod(selector)).items.some((pod) => pod.status?.containerStatuses?.[0]?.started),
  );
  await handle.cancel();
  const error = await failureOf(handle.result());
  expect(error.cause?.name).toBe("CancelledFailure");
  expect(await handle.query("state")).toMatchObject({
    state: "cancelled",
    tasks: { sleeper: { state: "failed", kind: "cancelled" }, next: { state: "skipped" } },
  });
  const left = await fleet.pods.listNamespacedPod(selector);
  expect(left.items.filter((pod) => pod.status?.containerStatuses?.[0]?.state?.terminated === undefined)).toEqual([]);
});
