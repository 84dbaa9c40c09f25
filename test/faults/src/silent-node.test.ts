/** A node that falls silent under its pods: no run hangs on it, and nobody pretends that its pods are gone. */
import { eventually, type Fleet, start } from "@slipway/testbed";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { endOf, pod, type Simulation, simulate, startRun, untilRunning } from "./simulated.ts";

const stack = inject("slipway");
let world: Simulation;
let fleet: Fleet;

beforeAll(async () => {
  world = await simulate(stack);
  fleet = await world.fleet();
});
afterAll(async () => await world?.close());

/** The pods that are still there, by task, and whether their deletion is asked for. */
async function left(): Promise<Record<string, boolean>> {
  const { items } = await fleet.pods.listNamespacedPod({ namespace: fleet.namespace });
  return Object.fromEntries(
    items.map(({ metadata }) => [
      metadata?.labels?.["slipway.dev/task"] ?? "",
      metadata?.deletionTimestamp !== undefined,
    ]),
  );
}

async function deleteTask(task: string): Promise<void> {
  const labelSelector = `slipway.dev/task=${task}`;
  const { items } = await fleet.pods.listNamespacedPod({ namespace: fleet.namespace, labelSelector });
  await fleet.pods.deleteNamespacedPod({ name: items[0]?.metadata?.name ?? "", namespace: fleet.namespace });
}

test("silent node - a pod deleted by somebody is unreachable, a cancelled run closes, and both pods are said to be left", async () => {
  const events = start(stack.binaries.nats, ["sub", `${fleet.installation}.event.>`], { NATS_URL: stack.nats.url });
  try {
    await eventually("the subscriber listens", () => /Subscribing/.test(events.stderr() + events.stdout()));
    const short = { pod: { terminationGracePeriodSeconds: 1 } };
    // A default is no consent to two pods at once, so `drained` is not tried again.
    const drained = await startRun(fleet, "drained", { drained: pod(undefined, 0, short) });
    const cancelled = await startRun(fleet, "cancelled", { cancelled: pod(undefined, 0, short) });
    await untilRunning(fleet, "drained", "cancelled");
    await world.plane.silenceNodes();
    await Promise.all([deleteTask("drained"), cancelled.cancel()]);
    const says = "unreachable, may still run: node simulated has not ended the pod a minute after its grace";
    expect(await endOf(drained)).toEqual({ drained: `${says}, 1` });
    const cause = { type: "DagFailed", message: `drained failed: ${says}` };
    await expect(drained.result()).rejects.toMatchObject({ cause });
    const described = await fleet.run("describe", "drained");
    expect(described.stdout).toContain(`drained, attempt 1: ${says}   (unreachable: slipway explain unreachable)`);
    const told = (await fleet.run("events", "drained", "-o", "json")).stdout.split("\n");
    const ended = told.find((line) => line.includes("dev.slipway.attempt.finished")) ?? "{}";
    expect(JSON.parse(ended)).toMatchObject({ data: { outcome: { kind: "unreachable", message: says } } });
    await expect(cancelled.result()).rejects.toThrow("Workflow execution cancelled");
    // Not deleted by force: the API server has the request, the node has not answered it.
    expect(await left()).toEqual({ drained: true, cancelled: true });
    for (const task of ["drained", "cancelled"])
      await eventually(`${task} is told`, () => new RegExp(`${task}\\.-\\.pod\\.unreachable`).test(events.stdout()));
    const logs = await fleet.run("logs", "drained", "drained");
    expect(logs.stdout + logs.stderr).toMatch(/the pod's node is silent; the container may still run/);
  } finally {
    await events.stop();
  }
}, 240_000);
