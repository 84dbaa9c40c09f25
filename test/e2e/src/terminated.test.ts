/** A run that Temporal ends without asking: its pod is not left behind, and its end is told. */
import { eventually, sharedFleet, start } from "@slipway/testbed";
import { expect, inject, test } from "vitest";

const stack = inject("slipway");
/** PENDING_ACTIVITY_STATE_PAUSED */
const PAUSED = 4;
const fleet = sharedFleet();

const sleeper = (namespace: string, name: string) => ({
  dag: name,
  defaults: { namespace },
  tasks: {
    sleeper: {
      image: "slipway.local/busybox:1",
      command: ["sh", "-c"],
      args: ["trap 'exit 0' TERM; echo up; while true; do sleep 0.2; done"],
    },
  },
});

async function running(dag: string): Promise<string> {
  return await eventually(`the pod of ${dag} runs`, async () => {
    const { items } = await fleet.pods.listNamespacedPod({
      namespace: fleet.namespace,
      labelSelector: `slipway.dev/dag=${dag}`,
    });
    const pod = items.find(({ status }) => status?.containerStatuses?.[0]?.state?.running);
    return pod?.metadata?.uid;
  });
}

test("terminated - the watcher learns that nobody waits, ends the pod, and says that the run is over", async () => {
  const events = start(stack.binaries.nats, ["sub", `${fleet.installation}.event.>`], { NATS_URL: stack.nats.url });
  try {
    await eventually("the subscriber listens", () => /Subscribing/.test(events.stderr() + events.stdout()));
    const dag = sleeper(fleet.namespace, "ended");
    const handle = await fleet.temporal.workflow.start("runDag", {
      taskQueue: fleet.installation,
      workflowId: "dag/ended/1",
      args: [{ dag }],
    });
    await running("ended");
    await handle.terminate("a test");
    await eventually("the pod is gone", async () => {
      const { items } = await fleet.pods.listNamespacedPod({
        namespace: fleet.namespace,
        labelSelector: "slipway.dev/dag=ended",
      });
      return items.length === 0;
    });
    await eventually("the end is told", () => /run\.finished[\s\S]*the run was terminated/.test(events.stdout()));
  } finally {
    await events.stop();
  }
});

test("paused by an operator - the pod is left alone, and watched again by the same uid", async () => {
  const dag = sleeper(fleet.namespace, "paused");
  const handle = await fleet.temporal.workflow.start("runDag", {
    taskQueue: fleet.installation,
    workflowId: "dag/paused/1",
    args: [{ dag }],
  });
  const uid = await running("paused");
  const activity = { namespace: "default", execution: { workflowId: "dag/paused/1" }, identity: "test" };
  await fleet.temporal.workflowService.pauseActivity({ ...activity, id: "sleeper.1" });
  const attempt = async () =>
    (await handle.describe()).raw.pendingActivities?.find(({ activityId }) => activityId === "sleeper.1");
  await eventually(
    "the watcher has let go",
    async () => (await attempt())?.pauseInfo !== undefined && Number((await attempt())?.state) === PAUSED,
  );
  expect(await running("paused")).toBe(uid);
  await fleet.temporal.workflowService.unpauseActivity({ ...activity, id: "sleeper.1" });
  await eventually("it is watched again", async () => ((await attempt())?.attempt ?? 0) > 1);
  expect(await running("paused")).toBe(uid);
  await handle.cancel();
  await expect(handle.result()).rejects.toThrow();
});
