/** An API server that dies, forgets, throttles, rotates tokens or falls silent: runs end right, with one pod for each attempt. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually, type Fleet, LONG, start } from "@slipway/testbed";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { ApiProxy, type Ask } from "./api-proxy.ts";
import { endOf, phases, pod, type Simulation, simulate, startRun, untilRunning } from "./simulated.ts";

const stack = inject("slipway");
let world: Simulation;
let fleet: Fleet;

beforeAll(async () => {
  world = await simulate(stack);
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

test("token rotated - the file is read again once the server says 401", async () => {
  const { kubeconfig, context, dir } = world.plane;
  const tokenFile = join(dir, "token");
  const proxy = await ApiProxy.start({ kubeconfig, context, user: { tokenFile } });
  try {
    const other = await world.fleet({ worker: false, env: { SLIPWAY_KUBECONFIG: proxy.kubeconfig } });
    const kubectl = async (line: string): Promise<string> => {
      const args = ["--kubeconfig", kubeconfig, "--namespace", other.namespace, ...line.split(" ")];
      return (await start(stack.binaries.kubectl, args, {}).finished).stdout.trim();
    };
    await kubectl("create serviceaccount worker");
    await kubectl("create role worker --verb=create,get,list,watch,delete,patch --resource=pods,pods/log,events");
    await kubectl(`create rolebinding worker --role=worker --serviceaccount=${other.namespace}:worker`);
    const token = async (secret: string): Promise<string> => {
      await kubectl(`create secret generic ${secret}`);
      return await kubectl(`create token worker --bound-object-kind=Secret --bound-object-name=${secret}`);
    };
    const first = await token("first");
    writeFileSync(tokenFile, first);
    await other.startWorker();
    expect(await endOf(await startRun(other, "before", { a: pod("1s") }))).toEqual({ a: "succeeded, 1" });
    await kubectl("delete secret first");
    // The API server believes what it has checked for some seconds more.
    await eventually("the old token is worth nothing", async () => {
      const pods = `${proxy.url}/api/v1/namespaces/${other.namespace}/pods`;
      return (await fetch(pods, { headers: { authorization: `Bearer ${first}` } })).status === 401;
    });
    proxy.asked.length = 0;
    const handle = await startRun(other, "after", { a: pod("1s"), b: pod("1s", 3) });
    await eventually("the old token is refused", () => proxy.asked.some(({ status }) => status === 401));
    writeFileSync(tokenFile, await token("second"));
    expect(await endOf(handle)).toEqual({ a: "succeeded, 1", b: "exit code 3, 1" });
  } finally {
    await proxy.close();
  }
});

test("clock skew - a worker an hour ahead, and one an hour behind: limits count by the cluster's clock", async () => {
  const limits = { attempt: "30s", schedule: "1m", start: "1m" };
  const fine = pod("2s", 0, { timeout: limits });
  const endless = pod(undefined, 0, { timeout: { ...limits, attempt: "2s" } });
  const NODE_OPTIONS = `--import=${join(import.meta.dirname, "skew.ts")}`;
  const ends = [3_600_000, -3_600_000].map(async (skewMs) => {
    const other = await world.fleet({ env: { NODE_OPTIONS, SKEW_MS: String(skewMs) } });
    return await endOf(await startRun(other, "skew", { fine, endless }));
  });
  const right = { fine: "succeeded, 1", endless: "still running after timeout.attempt (2s), 1" };
  expect(await Promise.all(ends)).toEqual([right, right]);
});

/** The default, or what a short form can wait for. */
const SILENCE = LONG ? undefined : "6s";
const SILENT = {
  "the watch alone": isWatch,
  "every connection": () => true,
};

test.concurrent.for(Object.entries(SILENT))(
  "silent - connections that stay open and carry nothing, %s: begun anew",
  { timeout: LONG ? 600_000 : 120_000 },
  async ([, matches], { expect: check }) => {
    const { kubeconfig, context } = world.plane;
    const proxy = await ApiProxy.start({ kubeconfig, context });
    try {
      const env = { SLIPWAY_KUBECONFIG: proxy.kubeconfig, ...(SILENCE && { SLIPWAY_KUBERNETES_SILENCE: SILENCE }) };
      const other = await world.fleet({ env });
      const runs = LONG ? "20s" : "8s";
      const handle = await startRun(other, "silent", { ...named(5, pod(runs)), broken: pod(runs, 3) });
      await untilRunning(other, "t0", "t4", "broken");
      // A quiet watch is begun anew each few seconds.
      await eventually("something is silent", () => proxy.silence(matches) > 0);
      check(await endOf(handle)).toEqual({ ...named(5, "succeeded, 1"), broken: "exit code 3, 1" });
      check(proxy.asked.filter(({ method, status }) => method === "POST" && status === 201)).toHaveLength(6);
    } finally {
      await proxy.close();
    }
  },
);

function isWatch({ path }: Pick<Ask, "path">): boolean {
  return path.includes("watch=true");
}
