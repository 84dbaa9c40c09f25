/** An API server that dies, forgets, throttles, rotates tokens or falls silent: runs end right, with one pod for each attempt. */
import { eventually, type Fleet } from "@slipway/testbed";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import type { Ask } from "./api-proxy.ts";
import { endOf, phases, pod, type Simulation, simulate, startRun, untilRunning } from "./simulated.ts";

let world: Simulation;
let fleet: Fleet;

beforeAll(async () => {
  world = await simulate(inject("slipway"));
  fleet = await world.fleet();
});
afterAll(async () => await world?.close());
beforeEach(() => {
  world.proxy.asked.length = 0;
});

const NEVER_AGAIN = { retries: { disruptions: 0 } };
const created = (): number =>
  world.proxy.asked.filter(({ method, status }) => method === "POST" && status === 201).length;
const named = <T>(count: number, task: T): Record<string, T> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, task]));

test("api server killed - in the middle of a run, and started again", async () => {
  const handle = await startRun(fleet, "killed", { ...named(8, pod("3s")), broken: pod("3s", 3) });
  await untilRunning(fleet, "t0", "t7", "broken");
  await world.plane.killApiServer();
  await world.plane.startApiServer();
  const ends = await endOf(handle);
  expect(ends).toEqual({ ...named(8, "succeeded, 1"), broken: "exit code 3, 1" });
  expect(created()).toBe(9);
});

test("etcd compacted - what happened while nobody watched is found by the list after the 410", async () => {
  const tasks = { fine: pod("4s"), broken: pod("4s", 3), stolen: pod(undefined, 0, NEVER_AGAIN) };
  const handle = await startRun(fleet, "compacted", tasks);
  await untilRunning(fleet, "fine", "broken", "stolen");
  let expired = false;
  world.proxy.answer({ matches: () => true, status: 503 });
  world.proxy.cut();
  const { items } = await fleet.pods.listNamespacedPod({
    namespace: fleet.namespace,
    labelSelector: "slipway.dev/task=stolen",
  });
  const name = items[0]?.metadata?.name ?? "";
  await fleet.pods.deleteNamespacedPod({ name, namespace: fleet.namespace, gracePeriodSeconds: 0 });
  await eventually("all of it has happened", async () => {
    const now = await phases(fleet);
    return now["fine"] === "Succeeded" && now["broken"] === "Failed" && now["stolen"] === undefined;
  });
  await world.plane.killApiServer();
  await world.plane.startApiServer();
  await world.plane.compact();
  world.proxy.lift("open");
  world.proxy.hold({
    matches: isWatch,
    at: (line) => {
      expired ||= line.includes('"code":410');
      return false;
    },
  });
  expect(await endOf(handle)).toEqual({
    fine: "succeeded, 1",
    broken: "exit code 3, 1",
    stolen: "the pod is gone; what it did is unknown, 1",
  });
  expect(expired).toBe(true);
  expect(created()).toBe(3);
});

test("throttled - a storm of 429 with Retry-After", async () => {
  world.proxy.answer({ matches: () => true, status: 429, headers: { "retry-after": "1" }, times: 60 });
  expect(await endOf(await startRun(fleet, "throttled", named(10, pod("1s"))))).toEqual(named(10, "succeeded, 1"));
  expect(created()).toBe(10);
  expect(world.proxy.asked.filter(({ status }) => status === 429).length).toBe(60);
});

function isWatch({ path }: Ask): boolean {
  return path.includes("watch=true");
}
