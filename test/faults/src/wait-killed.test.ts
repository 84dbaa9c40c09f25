/** kill -9 of the worker while it listens for messages, and while it holds one of which Temporal does not know yet. */
import { connect } from "@nats-io/transport-node";
import { aFleet, eventually, type Fleet, reportOf, shell, startDag } from "@slipway/testbed";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type Call, GrpcProxy } from "./grpc-proxy.ts";

const stack = inject("slipway");
let temporal: GrpcProxy;
let fleet: Fleet;

beforeAll(async () => {
  temporal = await GrpcProxy.start(stack.temporal.address);
  const env = { TEMPORAL_ADDRESS: temporal.address, SLIPWAY_EVENT_SUBJECTS: "kept.>" };
  fleet = await aFleet(stack, { worker: false, env });
});
afterAll(async () => {
  await fleet?.close();
  await temporal?.close();
});

async function publish(subject: string, data: object): Promise<void> {
  const nats = await connect({ servers: stack.nats.url });
  nats.publish(subject, JSON.stringify(data));
  await nats.drain();
}

async function eventsOf(run: string, type: string, task: string): Promise<number> {
  const { stdout } = await fleet.run("events", `waits/${run}`, task, "--type", type, "-o", "json");
  return stdout.split("\n").filter((line) => line !== "").length;
}

test("wait - killed while it listens, or with a message in its hands: the next worker listens, and the task ends once", async () => {
  const start = async (run: string) => {
    const wait = { event: { subject: `kept.${run}`, if: "event.data.n > 0" } };
    const tasks = { told: { wait }, next: { ...shell("echo ${{ tasks.told.outputs.data.n }}"), after: "told" } };
    const handle = await startDag(fleet, "waits", run, { tasks });
    await eventually(`${run} listens`, async () => (await eventsOf(run, "task.waiting", "told")) === 1);
    return handle;
  };
  const worker = await fleet.startWorker();
  const runs = { listening: await start("listening"), holding: await start("holding") };
  const isAnswer = ({ method, message }: Call): boolean =>
    method === "RespondActivityTaskCompleted" &&
    message.includes("dag/waits/holding") &&
    message.includes("kept.holding");
  const { held } = temporal.hold({ matches: isAnswer });
  await publish("kept.holding", { n: 1 });
  await held;
  await worker.stop("SIGKILL");
  temporal.lift("drop");
  await fleet.startWorker();
  for (const [run, handle] of Object.entries(runs)) {
    // NATS keeps no message for who does not listen yet.
    await eventually(`${run} hears a message`, async () => {
      await publish(`kept.${run}`, { n: 0 });
      await publish(`kept.${run}`, { n: 2 });
      return (await reportOf(handle)).tasks["told"]?.state === "succeeded";
    });
    expect(await handle.result()).toMatchObject({
      tasks: {
        told: { outputs: { subject: `kept.${run}`, data: { n: 2 } } },
        next: { state: "succeeded", attempts: 1 },
      },
    });
    expect((await fleet.run("logs", `waits/${run}`, "next")).stdout).toBe("2\n");
    expect(await eventsOf(run, "task.waiting", "told")).toBe(1);
    expect(await eventsOf(run, "task.finished", "told")).toBe(1);
  }
}, 180_000);
