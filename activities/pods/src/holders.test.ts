import { type Holder, isJsonObject, isTaskName, type JsonObject } from "@slipway/dag";
import { afterEach, beforeEach, expect, test } from "vitest";
import { holdersWithPods } from "./holders.ts";
import { podManifest } from "./manifest.ts";
import { AttemptWorld } from "./testing/attempt-world.ts";
import { anAttempt, aSpec, NODE, running, statusOf, terminated } from "./testing/pods.ts";

let world: AttemptWorld;
beforeEach(async () => {
  world = await AttemptWorld.open();
});
afterEach(async () => await world.close());

function stands(attempt: number, state: JsonObject, phase: string, annotations?: JsonObject): void {
  const ref = anAttempt({ attempt });
  const { metadata, ...manifest } = podManifest(ref, aSpec(), { ...world.pods.settings, namespace: "ns" });
  if (!isJsonObject(metadata)) throw new Error("a manifest has metadata");
  world.double.put({
    ...manifest,
    metadata: { ...metadata, ...(annotations && { annotations }) },
    spec: { nodeName: NODE, terminationGracePeriodSeconds: 30 },
    status: statusOf(state, { phase }),
  });
}

function holder(more: Partial<Holder> = {}): Holder {
  const { chain, dag, run, task } = anAttempt({ attempt: 1 });
  return { chain, cluster: "default", dag, run, task, ...more };
}

test("holders - one whose pod may run is busy; the run itself is while any of its pods may", async () => {
  stands(1, terminated(0), "Succeeded");
  stands(2, running, "Running");
  const [own, { task: _task, ...run }] = [holder(), holder()];
  expect(await holdersWithPods(world.pods, [own, run])).toEqual(new Set([own, run]));
});

test("holders - pods that have ended hold nothing, though they are kept; nor does another task, another chain, another item", async () => {
  stands(1, terminated(0), "Succeeded");
  expect(await holdersWithPods(world.pods, [holder()])).toEqual(new Set());
  stands(2, running, "Running");
  const other = "other";
  if (!isTaskName(other)) throw new Error(other);
  const { chain } = holder();
  const others = [
    holder({ task: other }),
    holder({ chain: { ...chain, firstExecutionRunId: "another" } }),
    holder({ index: 3 }),
  ];
  expect(await holdersWithPods(world.pods, others)).toEqual(new Set());
});

test("holders - a pod of the run that does not say whose it is counts for all of them", async () => {
  stands(1, running, "Running", {});
  const own = holder();
  expect(await holdersWithPods(world.pods, [own])).toEqual(new Set([own]));
});
