/** No worker serves the cluster of a run: the run says so while it waits, and goes on once there is one. */
import { aFleet, eventually, type Fleet, reportOf, shell, startDag } from "@slipway/testbed";
import { inject, test, type TestContext } from "vitest";

/** Each story has its own: what it waits for takes a minute. */
async function aStory({ onTestFinished }: TestContext): Promise<Fleet> {
  const fleet = await aFleet(inject("slipway"), { worker: false });
  onTestFinished(() => fleet.close());
  return fleet;
}

const startRun = async (fleet: Fleet, run: string, tasks: Record<string, unknown>) =>
  await startDag(fleet, "waiting", run, { tasks });

const taskOf = async (handle: Awaited<ReturnType<typeof startRun>>, name: string) =>
  (await reportOf(handle)).tasks[name];

/** Polls the installation's queue, and for pods that of a cluster which no run here is in. */
async function workerElsewhere(fleet: Fleet): Promise<void> {
  fleet.start("worker", "--namespace", fleet.namespace, "--cluster", "elsewhere");
  const queue = { namespace: "default", taskQueue: { name: `${fleet.installation}-pods-elsewhere` }, taskQueueType: 2 };
  await eventually("the other worker polls", async () => {
    const { pollers } = await fleet.temporal.workflowService.describeTaskQueue(queue);
    return (pollers ?? []).length > 0;
  });
}

/** Fails once, and is tried again after a while. */
const twice = (delay: string) => ({ ...shell('test "$SLIPWAY_ATTEMPT" = 2'), retries: { limit: 1, delay } });

test.concurrent("task.waiting - no worker polls the pods queue: told by event, describe and get tasks; with a worker the run goes on", async (context) => {
  const { expect } = context;
  const fleet = await aStory(context);
  const worker = await fleet.startWorker();
  // Early: it takes a while on a busy machine, and the second tries are near.
  await workerElsewhere(fleet);
  const handle = await startRun(fleet, "1", { a: twice("20s"), later: twice("55s") });
  for (const task of ["a", "later"])
    await eventually("the first try has failed", async () => (await taskOf(handle, task))?.state === "retrying");
  await worker.stop("SIGKILL");
  const queue = `${fleet.installation}-pods-default`;
  const waits = async (task: string) =>
    await eventually(`${task} waits`, async () => (await taskOf(handle, task))?.reason !== undefined, 150);
  const told = async (task: string) => {
    const { stdout } = await fleet.run("events", "waiting/1");
    return stdout.split("\n").find((line) => /task\.waiting/.test(line) && line.includes(` ${task} `));
  };
  await waits("a");
  expect(await eventually("it is told", () => told("a"))).toContain(`the task queue ${queue}`);
  expect(await taskOf(handle, "a")).toMatchObject({ state: "waiting", reason: expect.stringContaining(queue) });
  for (const verb of [["describe"], ["get", "tasks"]])
    expect((await fleet.run(...verb, "waiting/1")).stdout).toMatch(new RegExp(`a +waiting +1 +no worker .*${queue}`));
  await waits("later");
  await eventually("it is told", () => told("later"));
  await fleet.startWorker();
  expect(await handle.result()).toMatchObject({
    state: "succeeded",
    tasks: { a: { state: "succeeded", attempts: 2 }, later: { state: "succeeded", attempts: 2 } },
  });
  const { events } = await handle.fetchHistory();
  const cut = events?.filter((event) => event.timerCanceledEventAttributes);
  expect(cut, "a long wait ends early for an attempt that is new").not.toEqual([]);
}, 300_000);

test.concurrent("task.waiting - what is watched costs one timer, and from 14 s on one question, however long it takes", async (context) => {
  const { expect } = context;
  const fleet = await aStory(context);
  await fleet.startWorker();
  const [short, long] = await Promise.all([
    startRun(fleet, "short", { a: shell("true") }),
    startRun(fleet, "long", { a: shell("sleep 45") }),
  ]);
  const counts = await Promise.all(
    [short, long].map(async (handle) => {
      await handle.result();
      const { events = [] } = await handle.fetchHistory();
      const asked = events?.filter(
        (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === "findUnwatched",
      );
      return { timers: events?.filter((event) => event.timerStartedEventAttributes).length, asked: asked?.length };
    }),
  );
  expect(counts[1]).toEqual({ timers: 1, asked: 1 });
  expect(counts[0]?.timers).toBe(1);
}, 200_000);
