/** NATS stays away beyond a release's patience (a minute; in the short form seconds): the pod stays with its log, and the reaper finishes both later. */
import { aFleet, eventually, LONG, OwnNats } from "@slipway/testbed";
import { expect, inject, onTestFinished, test } from "vitest";

const stack = inject("slipway");
const UNDELIVERED = "slipway.dev/log-undelivered";

test("NATS away beyond a release's patience: the pod stays, and the reaper delivers its log", async () => {
  const nats = await OwnNats.start(stack.binaries.natsServer);
  const reaper = { SLIPWAY_REAPER_EVERY: "5s", SLIPWAY_REAPER_AGE: "1s" };
  const env = { ...reaper, ...(!LONG && { SLIPWAY_RELEASE_PATIENCE: "5s" }) };
  const fleet = await aFleet({ ...stack, nats: { url: nats.url } }, { env });
  onTestFinished(async () => {
    await nats.start();
    await fleet.close();
    await nats.close();
  });
  const script = "for i in $(seq 1 40); do echo $i; sleep 0.1; done";
  const tasks = { a: { image: "slipway.local/busybox:1", command: ["sh", "-c", script] } };
  const handle = await fleet.temporal.workflow.start("runDag", {
    taskQueue: fleet.installation,
    workflowId: "dag/gone/1",
    args: [{ dag: { dag: "gone", defaults: { namespace: fleet.namespace }, tasks } }],
  });
  const pods = async () => (await fleet.pods.listNamespacedPod({ namespace: fleet.namespace })).items;
  const watched = fleet.start("logs", "gone/1", "a", "-f");
  await eventually("line 10 is published", () => watched.stdout().includes("\n10\n"));
  await watched.stop("SIGKILL");
  await nats.kill();
  await eventually(
    "the release gives up",
    async () => (await pods()).some(({ metadata }) => metadata?.annotations?.[UNDELIVERED] !== undefined),
    180,
  );
  // Streams never hold a run.
  expect(await handle.result()).toMatchObject({ state: "succeeded" });
  expect(await pods()).toHaveLength(1);
  await nats.start();
  await eventually("the reaper has let go of the pod", async () => (await pods()).length === 0, 180);
  const { stdout, stderr } = await fleet.run("logs", "gone/1", "a");
  expect({ lines: stdout.trimEnd().split("\n"), stderr }).toEqual({
    lines: Array.from({ length: 40 }, (_, at) => String(at + 1)),
    stderr: "",
  });
}, 600_000);
