/** Pods that the cluster refuses, and pods that it holds back. */
import type { TaskSpec } from "@slipway/dag";
import { expect, test } from "vitest";
import { eventually } from "../src/testing/sinks.ts";
import { aWorld, podsLeft, sh, type World } from "./namespace.ts";

async function inWorld(work: (world: World) => Promise<void>): Promise<void> {
  const world = await aWorld();
  try {
    await work(world);
  } finally {
    await world.close();
  }
}

const ends = async (world: World, task: string, spec: TaskSpec) => {
  const { outcome, pod } = await world.start(world.ref(task), spec).done;
  return { said: `${outcome.kind}: ${outcome.message}`, pod };
};

const blocked = (world: World, task: string) =>
  Array.from(world.events.events.values()).flatMap(({ type, ref, data }) =>
    type === "attempt.blocked" && ref.task === task ? [data] : [],
  );

/** What Kueue does when it lets a pod in. */
async function open({ kube, namespace }: World, task: string): Promise<void> {
  const { items } = await kube.listNamespacedPod({ namespace, labelSelector: `slipway.dev/task=${task}` });
  const name = items[0]?.metadata?.name ?? "";
  await kube.patchNamespacedPod({ name, namespace, body: [{ op: "remove", path: "/spec/schedulingGates" }] });
}

test("a quota that is used up refuses the pod, in the API server's words; nothing is left", async () => {
  await inWorld(async (world) => {
    const { namespace } = world;
    const body = { metadata: { name: "none" }, spec: { hard: { pods: "0" } } };
    await world.kube.createNamespacedResourceQuota({ namespace, body });
    // At once: a quota that nobody has counted yet is waited for.
    const { said, pod } = await ends(world, "full", sh("true"));
    expect(said).toMatch(
      /^rejected: the API server refused the pod: pods "full-1-.*" is forbidden: exceeded quota: none, requested: pods=1, used: pods=0, limited: pods=0$/,
    );
    expect([pod, await podsLeft(world)]).toEqual([undefined, []]);
  });
});

test("an admission rule that forbids the pod refuses it, in the API server's words", async () => {
  await inWorld(async (world) => {
    const labels = { "pod-security.kubernetes.io/enforce": "baseline" };
    const path = "/metadata/labels/pod-security.kubernetes.io~1enforce";
    const body = [{ op: "add", path, value: labels["pod-security.kubernetes.io/enforce"] }];
    await world.kube.patchNamespace({ name: world.namespace, body });
    const { said } = await ends(world, "root", sh("true", { pod: { hostNetwork: true } }));
    expect(said).toMatch(
      /^rejected: the API server refused the pod: pods "root-1-.*" is forbidden: violates PodSecurity "baseline:latest": host namespaces \(hostNetwork=true\)/,
    );
  });
});

test("behind a scheduling gate a pod waits as long as it takes, and says so; its timeouts begin when the gate goes", async () => {
  await inWorld(async (world) => {
    const gated = (more: Parameters<typeof sh>[1]) =>
      sh("true", {
        timeout: { scheduleMs: 2_000, startMs: 60_000 },
        pod: { terminationGracePeriodSeconds: 1, schedulingGates: [{ name: "example.com/queue" }] },
        ...more,
      });
    const small = ends(world, "small", gated({}));
    const huge = ends(world, "huge", gated({ container: { resources: { requests: { cpu: "4k" } } } }));
    await eventually(() => blocked(world, "small").length === 1 && blocked(world, "huge").length === 1, 30_000);
    expect(blocked(world, "small")[0]).toMatchObject({
      reason: "SchedulingGated",
      message: "Scheduling is blocked due to non-empty scheduling gates",
    });
    // Longer than timeout.schedule, counted from here: by now it would be over.
    const later = Date.now() + 5_000;
    await eventually(() => Date.now() > later, 10_000);
    await Promise.all([open(world, "small"), open(world, "huge")]);
    expect((await small).said).toBe("succeeded: succeeded");
    expect((await huge).said).toMatch(
      /^unschedulable: no node within timeout.schedule \(2s\): 0\/1 nodes are available/,
    );
    // It was told as waiting for a node, so its time was not over when the gate went.
    expect(blocked(world, "huge").map(({ reason }) => reason)).toEqual(["SchedulingGated", "Unschedulable"]);
    await world.release(world.ref("small"), world.ref("huge"));
  });
});
