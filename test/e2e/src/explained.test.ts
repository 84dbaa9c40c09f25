/** A pod that does not start says why on the event stream while it waits. */
import { connect, type Msg, type NatsConnection } from "@nats-io/transport-node";
import { eventually, sharedFleet } from "@slipway/testbed";
import { afterAll, beforeAll, expect, inject, test } from "vitest";

const stack = inject("slipway");
const fleet = sharedFleet();
let nats: NatsConnection;
const blocked = new Map<string, { readonly body: unknown; readonly at: number }>();

beforeAll(async () => {
  nats = await connect({ servers: stack.nats.url });
  const subject = `${fleet.installation}.event.-.*.*.-.attempt.blocked`;
  nats.subscribe(subject, { callback: (_, message) => keep(message) });
  await nats.flush();
});
afterAll(async () => await nats?.close());

function keep(message: Msg): void {
  const run = message.headers?.get("Slipway-Run") ?? "";
  if (!blocked.has(run)) blocked.set(run, { body: message.json(), at: Date.now() });
}

/** The bound; a test on a busy machine may take five times as long. */
const BOUND_MS = 5_000;

const command = ["true"];
test.for([
  {
    why: "unschedulable",
    task: { image: "slipway.local/busybox:1", command, resources: { requests: { cpu: "4k" } } },
    body: { reason: "Unschedulable", message: expect.stringContaining("Insufficient cpu") },
  },
  {
    why: "unpullable",
    task: { image: "127.0.0.1:1/nobody-serves-this:1", command },
    body: { reason: "ErrImagePull", message: expect.stringContaining("connection refused") },
  },
])("explained - a pod that is $why says so within 5 s of being made", async ({ why, task, body }, { annotate }) => {
  const handle = await fleet.temporal.workflow.start("runPod", {
    taskQueue: fleet.installation,
    workflowId: why,
    args: [{ task }],
  });
  const told = await eventually("attempt.blocked", () => blocked.get(why));
  expect(told.body).toMatchObject(body);
  const { items } = await fleet.pods.listNamespacedPod({
    namespace: fleet.namespace,
    labelSelector: `slipway.dev/run=${why}`,
  });
  // Kubernetes cuts the second: the figure is up to one second too large, never too small.
  const took = told.at - (items[0]?.metadata?.creationTimestamp?.getTime() ?? 0);
  await annotate(`attempt.blocked ${took} ms after the pod was made`);
  expect(took).toBeLessThan(5 * BOUND_MS);
  await handle.cancel();
  await handle.result().catch(() => undefined);
});
