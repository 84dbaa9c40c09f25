/** A worker dies without a word while its pod runs: the pod is adopted, the verdict is right, every line is there once. */
import { aFleet, type Command, eventually, type Fleet } from "@slipway/testbed";
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";

let fleet: Fleet;

beforeAll(async () => {
  fleet = await aFleet(inject("slipway"), { worker: false });
});
afterAll(async () => await fleet?.close());

const workers: Command[] = [];
async function startWorker(): Promise<Command> {
  const worker = await fleet.startWorker();
  workers.push(worker);
  return worker;
}
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop("SIGKILL")));
});

test("worker killed - another adopts the same pod; one pod in all, verdict right, every line once", async () => {
  const first = await startWorker();
  const script = "i=0; while [ $i -lt 600 ]; do i=$((i+1)); echo line $i; sleep 0.1; done; exit 5";
  const dag = {
    dag: "counting",
    defaults: { namespace: fleet.namespace },
    tasks: { count: { image: "slipway.local/busybox:1", command: ["sh", "-c"], args: [script] } },
  };
  const handle = await fleet.temporal.workflow.start("runDag", {
    taskQueue: fleet.installation,
    workflowId: "dag/counting/1",
    args: [{ dag }],
  });
  const uids = new Set<string>();
  const look = async (): Promise<string[]> => {
    const { items } = await fleet.pods.listNamespacedPod({ namespace: fleet.namespace });
    for (const pod of items) uids.add(pod.metadata?.uid ?? "");
    return items.map((pod) => pod.status?.phase ?? "");
  };
  const follower = fleet.start("logs", "counting/1", "count", "-f");
  await eventually("some lines are published", async () => {
    await look();
    return follower.stdout().includes("line 20\n");
  });
  await first.stop("SIGKILL");
  await startWorker();
  let verdict: string | undefined;
  const ended = handle.result().then(
    () => "succeeded",
    (error: unknown) => (error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)),
  );
  void ended.then((text) => {
    verdict = text;
  });
  await eventually(
    "the run ends",
    async () => {
      await look();
      return verdict;
    },
    150,
  );
  expect(verdict).toBe("count failed: exit code 5");
  expect(uids.size).toBe(1);
  const expected = Array.from({ length: 600 }, (_, i) => `line ${i + 1}`);
  const read = await fleet.run("logs", "counting/1", "count");
  expect(read.stdout.trimEnd().split("\n")).toEqual(expected);
  const followed = await follower.finished;
  expect(followed.stdout.trimEnd().split("\n")).toEqual(expected);
}, 240_000);

const phases = async (): Promise<string[]> => {
  const { items } = await fleet.pods.listNamespacedPod({ namespace: fleet.namespace });
  return items.map((pod) => pod.status?.phase ?? "");
};
const start = async (id: string, script: string) =>
  await fleet.temporal.workflow.start("runDag", {
    taskQueue: fleet.installation,
    workflowId: `dag/killed/${id}`,
    args: [
      {
        dag: {
          dag: "killed",
          defaults: { namespace: fleet.namespace },
          tasks: { a: { image: "slipway.local/busybox:1", command: ["sh", "-c", script] } },
        },
      },
    ],
  });

test("worker killed - the pod ends while nobody watches: its verdict and its whole log are found", async () => {
  const worker = await startWorker();
  const handle = await start(
    "unwatched",
    "i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo line $i; sleep 0.1; done; exit 7",
  );
  await eventually("the pod runs", async () => (await phases()).includes("Running"));
  await worker.stop("SIGKILL");
  await eventually("the pod has ended", async () => (await phases()).includes("Failed"));
  await startWorker();
  await expect(handle.result()).rejects.toMatchObject({ cause: { message: "a failed: exit code 7" } });
  expect(await handle.query("state")).toMatchObject({ tasks: { a: { attempts: 1 } } });
  const { stdout } = await fleet.run("logs", "killed/unwatched", "a");
  expect(stdout.trimEnd().split("\n")).toEqual(Array.from({ length: 40 }, (_, i) => `line ${i + 1}`));
  await eventually("nothing is left", async () => (await phases()).length === 0);
}, 180_000);

test("worker killed - cancelled while nobody watches: the next worker ends the pod", async () => {
  const worker = await startWorker();
  const handle = await start("cancelled", "trap 'exit 0' TERM; while true; do sleep 0.1; done");
  await eventually("the pod runs", async () => (await phases()).includes("Running"));
  await worker.stop("SIGKILL");
  await handle.cancel();
  await startWorker();
  await handle.result().catch(() => undefined);
  expect(await handle.query("state")).toMatchObject({ state: "cancelled", tasks: { a: { kind: "cancelled" } } });
  await eventually("nothing is left", async () => (await phases()).length === 0);
}, 180_000);
