/** A worker that stops for longer than its heartbeats may take (SIGSTOP), whose attempts another ends, and that wakes up (SIGCONT). */
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { installationNames } from "@slipway/dag";
import { eventually, type Fleet } from "@slipway/testbed";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { POINTS } from "./points.ts";
import { aScene, type Scene, wholeOf } from "./scene.ts";

const stack = inject("slipway");
let scene: Scene;

beforeAll(async () => {
  scene = await aScene(stack, POINTS);
});
afterAll(async () => await scene?.close());

/** Runs whose attempt another worker ends while the first sleeps; this one's goes on. */
const ENDED = Object.keys(POINTS).filter((name) => POINTS[name]?.work.kind !== "until told");

test("stopped and woken - it publishes nothing more and deletes nothing, whatever it was about to do", async () => {
  const { fleet } = scene;
  const sleeper = await fleet.startWorker();
  await scene.reach();
  sleeper.child.kill("SIGSTOP");
  scene.retireGates();
  await scene.meanwhile();
  const second = await fleet.startWorker();
  await Promise.all(
    ENDED.map(
      async (name) =>
        await scene
          .handle(name)
          .result()
          .catch(() => undefined),
    ),
  );
  await eventually("the second worker has the running pod", async () => {
    const { raw } = await scene.handle("running").describe();
    return raw.pendingActivities?.some(({ attempt, heartbeatDetails }) => (attempt ?? 0) > 1 && heartbeatDetails);
  });
  const before = await recorded(fleet);
  const uid = scene.pods("running");
  // What was on its way when it fell asleep never arrives; all else it may do now.
  scene.lift("drop");
  sleeper.child.kill("SIGCONT");
  await second.stop("SIGTERM");
  await proveAwake(fleet);
  expect(await recorded(fleet)).toEqual(before);
  expect(scene.pods("running")).toEqual(uid);
  await scene.tell();
  expect(await scene.allFacts()).toEqual(wholeOf(POINTS));
  await scene.nothingIsLeft();
}, 300_000);

/** Nobody else is there: a run that ends was the sleeper's, so whatever it wanted to do when it woke up is done or given up. */
async function proveAwake(fleet: Fleet): Promise<void> {
  const task = { image: "slipway.local/busybox:1", command: ["true"] };
  await fleet.temporal.workflow.execute("runDag", {
    taskQueue: fleet.installation,
    workflowId: `dag/${fleet.installation}/awake`,
    args: [
      {
        dag: {
          dag: fleet.installation,
          maxActiveRuns: 100,
          defaults: { namespace: fleet.namespace },
          tasks: { awake: task },
        },
      },
    ],
  });
}

/** How many messages each subject of the ended runs has: whoever publishes one more is seen. */
async function recorded({ installation }: Fleet): Promise<Record<string, number>> {
  const { logStream, eventStream } = installationNames(installation);
  const nc = await connect({ servers: stack.nats.url });
  try {
    const jsm = await jetstreamManager(nc);
    const infos = [logStream, eventStream].map((stream) => jsm.streams.info(stream, { subjects_filter: ">" }));
    const counts = (await Promise.all(infos)).flatMap(({ state }) => Object.entries(state.subjects ?? {}));
    const ended = counts.filter(([subject]) => ENDED.some((name) => subject.includes(`.${installation}.${name}.`)));
    expect(ended.length).toBeGreaterThan(ENDED.length);
    return Object.fromEntries(ended);
  } finally {
    await nc.close();
  }
}
