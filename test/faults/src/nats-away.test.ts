/** NATS goes away, comes back, forgets: no task fails of it, and nothing is lost that the kubelet still has. */
import { setTimeout as sleep } from "node:timers/promises";
import { aFleet, eventually, type Fleet, LONG, OwnNats, reportOf, start, startDag } from "@slipway/testbed";
import { inject, test, type TestContext } from "vitest";

const stack = inject("slipway");
/** How long it stays away. */
const AWAY_MS = LONG ? 60_000 : 5_000;
/** Ten a second: the pod still runs when Temporal has missed the dead worker's heartbeats (30 s). */
const FORGOTTEN = 500;

interface World {
  readonly fleet: Fleet;
  readonly nats: OwnNats;
}

async function aWorld({ onTestFinished }: TestContext, worker = true): Promise<World> {
  const nats = await OwnNats.start(stack.binaries.natsServer);
  onTestFinished(() => nats.close());
  const fleet = await aFleet({ ...stack, nats: { url: nats.url } }, { worker });
  onTestFinished(async () => {
    await nats.start();
    await fleet.close();
  });
  return { fleet, nats };
}

async function count({ fleet }: World, lines: number, exitCode: number) {
  const script = `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo $i; sleep 0.1; done; exit ${exitCode}`;
  const tasks = { a: { image: "slipway.local/busybox:1", command: ["sh", "-c", script] } };
  return await fleet.temporal.workflow.start("runDag", {
    taskQueue: fleet.installation,
    workflowId: `dag/away/${fleet.installation}`,
    args: [{ dag: { dag: "away", defaults: { namespace: fleet.namespace }, tasks } }],
  });
}

async function published({ fleet }: World, line: number): Promise<void> {
  const watched = fleet.start("logs", `away/${fleet.installation}`, "a", "-f");
  await eventually(`line ${line} is published`, () => watched.stdout().includes(`\n${line}\n`));
  await watched.stop("SIGKILL");
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => String(from + at));

async function logOf({ fleet }: World): Promise<{ lines: string[]; notices: string }> {
  const { stdout, stderr } = await fleet.run("logs", `away/${fleet.installation}`, "a");
  return { lines: stdout.trimEnd().split("\n"), notices: stderr };
}

test.concurrent("NATS away while a pod prints: the log goes on where it was, whole", async (context) => {
  const { expect } = context;
  const world = await aWorld(context);
  const total = AWAY_MS / 100 + 100;
  const handle = await count(world, total, 0);
  await published(world, 20);
  await world.nats.kill();
  await sleep(AWAY_MS);
  await world.nats.start();
  await handle.result();
  expect(await logOf(world)).toEqual({ lines: numbers(1, total), notices: "" });
}, 300_000);

test.concurrent("NATS away when the pod ends: the verdict does not wait for it, and the log is whole once it is back", async (context) => {
  const { expect } = context;
  const world = await aWorld(context);
  const handle = await count(world, 40, 7);
  await published(world, 10);
  await world.nats.kill();
  const task = await eventually("the verdict", async () => {
    const { tasks } = await reportOf(handle);
    return tasks["a"]?.state === "failed" ? tasks["a"] : undefined;
  });
  expect(task).toMatchObject({ message: "exit code 7", attempts: 1 });
  await world.nats.start();
  await expect(handle.result()).rejects.toMatchObject({ cause: { message: "a failed: exit code 7" } });
  expect(await logOf(world)).toEqual({ lines: numbers(1, 40), notices: "" });
}, 180_000);

test.concurrent("a stream that forgot the log, and a worker killed: the next one goes on from the heartbeat, with the same numbers", async (context) => {
  const { expect } = context;
  const world = await aWorld(context, false);
  const { fleet, nats } = world;
  const worker = await fleet.startWorker();
  const handle = await count(world, FORGOTTEN, 0);
  // Heartbeats go out every 5 s.
  await published(world, 120);
  await worker.stop("SIGKILL");
  const env = { NATS_URL: nats.url };
  const streams = await start(stack.binaries.nats, ["stream", "ls", "--names"], env).finished;
  const logs = streams.stdout.split("\n").find((name) => name.trim().endsWith("_LOGS")) ?? "";
  await start(stack.binaries.nats, ["stream", "purge", logs.trim(), "--force"], env).finished;
  await fleet.startWorker();
  await handle.result();
  const { lines, notices } = await logOf(world);
  const first = Number(lines[0]);
  expect(first).toBeGreaterThan(1);
  expect(lines).toEqual(numbers(first, FORGOTTEN));
  expect(notices).toContain(`lines 1-${first - 1} expired`);
}, 240_000);

/** 200 KB of text. */
const large = {
  command: ["sh", "-c", "seq -w 1 40000 | head -c 200000"],
  outputs: { text: { type: "string", from: "stdout" } },
};

test.concurrent("NATS away when a large output is read: its reader waits, says so, and goes on once it is back", async (context) => {
  const { expect } = context;
  const { fleet, nats } = await aWorld(context);
  const image = "slipway.local/busybox:1";
  const reader = { command: ["sh", "-c", "echo $BYTES"], env: { BYTES: "${{ size(tasks.b.outputs.text) }}" } };
  const handle = await startDag(fleet, "away", `${fleet.installation}-read`, {
    defaults: { namespace: fleet.namespace, image },
    tasks: {
      a: large,
      b: { ...large, after: "a" },
      gate: { command: ["sleep", "8"], after: "b" },
      reader: { ...reader, after: "gate", outputs: { bytes: { type: "integer", from: "stdout" } } },
    },
  });
  const { tasks } = await eventually("the gate runs", async () => {
    const report = await reportOf(handle);
    return report.tasks["gate"]?.state === "running" ? report : undefined;
  });
  // What the first left of the room in the state is too little for the second.
  expect(tasks["b"]?.outputs).toMatchObject({
    text: { "slipway.dev/stored": expect.stringMatching(/\/b\/-\/1\/text$/) },
  });
  await nats.kill();
  await eventually("the reader says that it waits", async () => {
    const { stdout } = await fleet.run("describe", handle.workflowId);
    return /reader, attempt 1: outputs wait for the object store of NATS: /.test(stdout);
  });
  await nats.start();
  expect(await handle.result()).toMatchObject({ tasks: { reader: { attempts: 1, outputs: { bytes: 200_000 } } } });
}, 180_000);
