/** What nobody is left to release: the reaper, which a schedule starts for each cluster. */
import { aFleet, eventually, sharedFleet, start } from "@slipway/testbed";
import { expect, inject, test } from "vitest";

const stack = inject("slipway");
const BUSYBOX = "slipway.local/busybox:1";
const fleet = sharedFleet({ worker: false, env: { SLIPWAY_REAPER_EVERY: "2s", SLIPWAY_REAPER_AGE: "1s" } });

const sleeper = (dag: string, namespace: string) => ({
  dag,
  defaults: { namespace, image: BUSYBOX, pod: { terminationGracePeriodSeconds: 5 } },
  tasks: {
    sleeper: { command: ["sh", "-c"], args: ["trap 'echo bye; exit 0' TERM; echo up; while true; do sleep 0.2; done"] },
  },
});

async function podsOf(dag: string, { pods, namespace } = fleet) {
  const { items } = await pods.listNamespacedPod({ namespace, labelSelector: `slipway.dev/dag=${dag}` });
  return items;
}

async function running(dag: string, from = fleet): Promise<string | undefined> {
  return await eventually(`the pod of ${dag} runs`, async () => {
    const pod = (await podsOf(dag, from)).find(({ status }) => status?.containerStatuses?.[0]?.state?.running);
    return pod?.metadata?.uid;
  });
}

async function begin(dag: object, name: string, from = fleet) {
  const options = { taskQueue: from.installation, workflowId: `dag/${name}/1`, args: [{ dag }] };
  return await from.temporal.workflow.start("runDag", options);
}

/** Passes that have begun after this call and are over. */
async function passes(count: number): Promise<void> {
  const since = new Date().toISOString();
  const query = `WorkflowType = 'reapPods' AND TaskQueue = '${fleet.installation}' AND ExecutionStatus = 'Completed' AND StartTime > '${since}'`;
  await eventually(
    `${count} passes of the reaper`,
    async () => (await fleet.temporal.workflow.count(query)).count >= count,
  );
}

test("reaper - a run that was terminated while no worker lived: its pod is ended, its log is whole, its end is told", async () => {
  const neighbour = await aFleet(stack);
  const events = start(stack.binaries.nats, ["sub", `${fleet.installation}.event.>`], { NATS_URL: stack.nats.url });
  const logs = start(stack.binaries.nats, ["sub", `${fleet.installation}.log.>`], { NATS_URL: stack.nats.url });
  try {
    const first = await fleet.startWorker();
    await begin(sleeper("theirs", neighbour.namespace), "theirs", neighbour);
    const orphan = await begin(sleeper("orphan", fleet.namespace), "orphan");
    await begin(sleeper("lives", fleet.namespace), "lives");
    const theirs = await running("theirs", neighbour);
    await running("orphan");
    const lives = await running("lives");
    await first.stop("SIGKILL");
    await orphan.terminate("a test");
    await fleet.startWorker();
    await eventually("the orphan is gone", async () => (await podsOf("orphan")).length === 0);
    await eventually("its last words are carried", () => /bye/.test(logs.stdout()));
    await eventually("the end is told", () => /run\.finished[\s\S]*the run was terminated/.test(events.stdout()));
    await passes(2);
    // A run that goes on keeps its pod, and so does another installation in the same cluster.
    expect([await running("lives"), await running("theirs", neighbour)]).toEqual([lives, theirs]);
    const { temporal } = neighbour;
    await Promise.all(
      ["theirs", "lives"].map((name) => temporal.workflow.getHandle(`dag/${name}/1`).terminate("the end")),
    );
    await eventually("the other two end", async () => (await podsOf("lives")).length === 0);
  } finally {
    await Promise.all([events.stop(), logs.stop()]);
    await neighbour.close();
  }
}, 240_000);

test("reaper - a pod that its task keeps stays until its time is over, and goes then", async () => {
  const task = { image: BUSYBOX, command: ["sh", "-c", "echo kept; exit 3"] };
  const dag = {
    dag: "kept",
    defaults: { namespace: fleet.namespace },
    tasks: {
      short: { ...task, cleanup: { when: "onSuccess", after: "15s" } },
      long: { ...task, cleanup: "never" },
      gone: { ...task, command: ["true"], cleanup: "onSuccess" },
    },
  };
  const handle = await begin(dag, "kept");
  await expect(handle.result()).rejects.toThrow();
  const untils = async () => {
    const left = (await podsOf("kept")).filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
    return Object.fromEntries(
      left.map(({ metadata: { labels, annotations } = {} }) => [
        labels?.["slipway.dev/task"],
        annotations?.["slipway.dev/keep-until"],
      ]),
    );
  };
  // The run is closed: the pods are marked by now, and the reaper may look at them at any time.
  const { short = "not there", ...others } = await untils();
  expect(others).toEqual({ long: "forever" });
  await eventually("the shorter time is over", async () => !("short" in (await untils())));
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(short));
  await passes(2);
  expect(await untils()).toEqual({ long: "forever" });
}, 240_000);
