/** Pods that their tasks' `cleanup` keeps, on the real cluster. */
import { expect, test } from "vitest";
import { aWorld, BUSYBOX, logOf, podsLeft, sh } from "./namespace.ts";

test("kept: the pod stays with its end and its log; what runs beside it, or still runs itself, is ended", async () => {
  const world = await aWorld();
  try {
    const [failed, helped, helper, slow] = ["failed", "helped", "helper", "slow"].map((task) => world.ref(task));
    if (!failed || !helped || !helper || !slow) throw new Error("refs");
    const proxy = { name: "proxy", image: BUSYBOX, command: ["sh", "-c", "echo up; sleep 1000"] };
    const pod = { terminationGracePeriodSeconds: 1 };
    await Promise.all([
      world.start(failed, sh("echo hello; exit 3")).done,
      world.start(helped, sh("true", { pod: { ...pod, initContainers: [{ ...proxy, restartPolicy: "Always" }] } }))
        .done,
      world.start(helper, sh("true", { pod: { ...pod, containers: [proxy] } })).done,
      world.start(slow, sh("sleep 1000", { pod, timeout: { attemptMs: 1, scheduleMs: 60_000, startMs: 60_000 } })).done,
    ]);
    await Promise.all([
      world.keep(failed, 3_600_000),
      ...[helped, helper, slow].map((ref) => world.keep(ref, "forever")),
    ]);
    expect((await podsLeft(world)).map((name) => name.replace(/-.*/, "")).sort()).toEqual(["failed", "helped"]);
    const { items } = await world.kube.listNamespacedPod({
      namespace: world.namespace,
      labelSelector: "slipway.dev/task=failed",
    });
    const { metadata, status } = items[0] ?? {};
    const ended = status?.containerStatuses?.[0]?.state?.terminated?.finishedAt?.getTime() ?? Number.NaN;
    expect(metadata?.annotations?.["slipway.dev/keep-until"]).toBe(new Date(ended + 3_600_000).toISOString());
    expect(logOf(world, "failed")).toMatchObject({ texts: ["hello"], end: { complete: true } });
    expect(logOf(world, "helped", "proxy")).toMatchObject({ texts: ["up"], end: { complete: true } });
  } finally {
    await world.close();
  }
});
