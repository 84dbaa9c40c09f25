/** kill -9 of the worker between the grant of a pool's slot and the pod: the slot is neither lost nor given to another. */
import { aFleet, eventually, type Fleet, reportOf, shell, startDag } from "@slipway/testbed";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { ApiProxy } from "./api-proxy.ts";

const stack = inject("slipway");
let api: ApiProxy;
let fleet: Fleet;

beforeAll(async () => {
  api = await ApiProxy.start(stack);
  const env = { SLIPWAY_KUBECONFIG: api.kubeconfig, SLIPWAY_CONTEXT: "proxy" };
  fleet = await aFleet(stack, { worker: false, env: { ...env, SLIPWAY_POOLS: "one=1", SLIPWAY_POOL_CHECK: "1s" } });
});
afterAll(async () => {
  await fleet?.close();
  await api?.close();
});

test("pool - killed between grant and create: the next worker makes the pod, and only then another has the slot", async () => {
  const worker = await fleet.startWorker();
  const isCreate = ({ method, body }: { method: string; body: string }) =>
    method === "POST" && body.includes('"name":"a-1-');
  const { held } = api.hold({ matches: isCreate, at: "request" });
  const first = await startDag(fleet, "first", "1", { tasks: { a: { ...shell("sleep 1"), pool: "one" } } });
  await held;
  const second = await startDag(fleet, "second", "1", { tasks: { b: { ...shell("true"), pool: "one" } } });
  await eventually("the second waits", async () => {
    const { tasks } = await reportOf(second);
    return tasks["b"]?.reason === "pool one, 1st of 1";
  });
  await worker.stop("SIGKILL");
  api.lift("drop");
  await fleet.startWorker();
  expect(await Promise.all([first.result(), second.result()])).toMatchObject([
    { tasks: { a: { state: "succeeded", attempts: 1 } } },
    { tasks: { b: { state: "succeeded", attempts: 1 } } },
  ]);
  const [ended] = await times("first/1", "attempt.finished");
  const [made] = await times("second/1", "attempt.created");
  expect(made).toBeGreaterThanOrEqual(ended ?? Infinity);
  const { stdout } = await fleet.run("get", "pools", "-o", "json");
  expect(JSON.parse(stdout)).toMatchObject([{ name: "one", slots: 1, used: 0, waiting: 0 }]);
}, 180_000);

async function times(run: string, type: string): Promise<number[]> {
  const { stdout } = await fleet.run("events", run, "--type", type, "-o", "json");
  return stdout
    .trim()
    .split("\n")
    .map((line): { time: string } => JSON.parse(line))
    .map(({ time }) => Date.parse(time));
}
