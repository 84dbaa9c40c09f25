/** The client against real servers: what it starts, finds, reads and ends, with and without a worker. */
import { aFleet, eventually, type Fleet, sharedFleet } from "@slipway/testbed";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { connect, everyQueueServed, type LogItem, type SlipwayClient } from "../src/index.ts";

const stack = inject("slipway");
const fleet = sharedFleet();
let client: SlipwayClient;

async function clientOf({ installation }: Fleet): Promise<SlipwayClient> {
  return await connect({ temporal: stack.temporal, nats: { servers: stack.nats.url }, installation });
}

beforeAll(async () => {
  client = await clientOf(fleet);
});
afterAll(async () => {
  await client?.close();
});

function dagOf(name: string, tasks: Record<string, string>, namespace = fleet.namespace) {
  const pods = Object.entries(tasks).map(([task, script]) => [task, { command: ["sh", "-c", script] }]);
  return {
    dag: name,
    defaults: { namespace, image: "slipway.local/busybox:1", pod: { terminationGracePeriodSeconds: 1 } },
    tasks: Object.fromEntries(pods),
  };
}

test("client - a run is started, found by every name it has, waited for and reported", async () => {
  const run = await client.startRun({ dag: dagOf("found", { a: "echo hello" }) });
  expect(run.workflowId).toBe(`dag/found/${run.run}`);
  expect(await client.wait(run)).toMatchObject({
    kind: "closed",
    answer: { source: "result", report: { state: "succeeded", tasks: { a: { state: "succeeded", attempts: 1 } } } },
  });
  const names = ["@latest", run.run, run.run.slice(0, 6), `found/${run.run}`, run.workflowId];
  for (const name of names) {
    const found = await eventually(`${name} is found`, () => client.resolveRun(name).catch(() => undefined));
    expect({ name, ...found }).toEqual({ name, ...run });
  }
  const states = async () => (await client.listRuns({ dag: "found" })).map(({ state }) => state);
  await eventually("visibility knows its end", async () => (await states())[0] === "succeeded");
  expect(await client.listRuns({ state: "failed", dag: "found" })).toEqual([]);
});

test("client - an id that is or was in use is refused; a closed run cannot be cancelled", async () => {
  const start = () => client.startRun({ dag: dagOf("once", { a: "true" }), runId: "mine" });
  const run = await start();
  await expect(start()).rejects.toMatchObject({ problems: [{ code: "run-exists" }] });
  await client.wait(run);
  await expect(start()).rejects.toMatchObject({ problems: [{ code: "run-exists" }] });
  await expect(client.cancel(run)).rejects.toMatchObject({ problems: [{ code: "run-closed" }] });
  await expect(client.resolveRun("nobody's")).rejects.toMatchObject({ problems: [{ code: "run-not-found" }] });
});

test("client - a failed run: the report from its failure, each attempt with outcome and pod", async () => {
  const run = await client.startRun({ dag: dagOf("fails", { a: "exit 3", b: "true" }) });
  const end = await client.wait(run);
  expect(end).toMatchObject({
    answer: {
      source: "result",
      failure: { type: "DagFailed", message: "a failed: exit code 3" },
      report: { state: "failed", tasks: { a: { state: "failed", kind: "exit" }, b: { state: "succeeded" } } },
    },
  });
  const attempts = await client.attempts(run);
  expect(attempts.find(({ task }) => task === "a")).toMatchObject({
    attempt: 1,
    state: "ended",
    outcome: { kind: "exit", exitCode: 3, message: "exit code 3" },
    pod: { namespace: fleet.namespace },
  });
});

test("client - a refused DAG is a failed run with lint's text and no tasks", async () => {
  const run = await client.startRun({ dag: { dag: "refused", tasks: { a: { image: "Python:3.6" } } } });
  expect(await client.wait(run)).toMatchObject({
    answer: { failure: { type: "InvalidDag" }, report: { state: "failed", tasks: {} } },
  });
});

test("client - logs and events of a run that is under way: nothing twice, nothing missing, in order, and an end", async () => {
  const script = "for i in 1 2 3 4 5 6 7 8; do echo line $i; sleep 0.2; done";
  const run = await client.startRun({ dag: dagOf("story", { count: script }) });
  const items: LogItem[] = [];
  const over = client.wait(run);
  const [types] = await Promise.all([
    Array.fromAsync(client.followEvents(run), ({ type }) => type),
    (async () => {
      for await (const item of client.followLog(run, { attempt: "all" }, { until: over })) items.push(item);
    })(),
  ]);
  const lines = items.flatMap((item) => (item.kind === "line" ? [item.text] : []));
  expect(lines).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `line ${n}`));
  expect(items.at(-1)).toMatchObject({ kind: "end", lines: 8, complete: true });
  expect(types[0]).toBe("run.started");
  expect(types.at(-1)).toBe("run.finished");
  expect(types.filter((type) => type === "attempt.finished")).toHaveLength(1);
  expect(await Array.fromAsync(client.readLog(run))).toEqual(items);
});

test("client - a workflow id of a plain client's own: its DAG is found, and with it its log", async () => {
  const args = [{ dag: dagOf("plain", { a: "echo from afar" }) }];
  await fleet.temporal.workflow.execute("runDag", { taskQueue: fleet.installation, workflowId: "far/away here", args });
  const run = await client.resolveRun("far/away here");
  expect(run).toMatchObject({ dag: "plain", run: "far/away here" });
  const lines = await Array.fromAsync(client.readLog(run), (item) => (item.kind === "line" ? item.text : undefined));
  expect(lines.filter((text) => text !== undefined)).toEqual(["from afar"]);
});

test("client - a wait that is given up says so, and leaves the run alone", async () => {
  const run = await client.startRun({ dag: dagOf("long", { sleeper: "sleep 300" }) });
  expect(await client.wait(run, { timeoutMs: 300 })).toEqual({ kind: "timed-out" });
  const abort = new AbortController();
  const waiting = client.wait(run, { signal: abort.signal });
  abort.abort();
  expect(await waiting).toEqual({ kind: "aborted" });
  await client.cancel(run, { reason: "enough" });
  expect(await client.wait(run)).toMatchObject({ answer: { report: { state: "cancelled" } } });
});

test("client - without a worker: said by the queues and the run; the history answers in the worker's place", async () => {
  const lonely = await aFleet(stack, { worker: false });
  const other = await clientOf(lonely);
  try {
    expect(everyQueueServed(await other.workersPolling())).toBe(false);
    const run = await other.startRun({ dag: dagOf("waits", { a: "sleep 300" }, lonely.namespace) });
    expect(await other.isTakenUp(run)).toBe(false);
    expect(await other.report(run)).toMatchObject({ source: "history", report: { state: "queued", tasks: {} } });

    const worker = await lonely.startWorker();
    expect(everyQueueServed(await other.workersPolling())).toBe(true);
    await eventually("the pod is watched", async () => (await other.attempts(run))[0]?.pod !== undefined);
    expect(await other.report(run)).toMatchObject({ source: "query", report: { tasks: { a: { state: "running" } } } });
    await worker.stop("SIGKILL");
    const orphan = await other.report(run);
    expect(orphan).toMatchObject({
      source: "history",
      report: { state: "running", tasks: { a: { state: "running", attempts: 1 } } },
    });
    expect(orphan.note).toMatch(/no worker answers/);

    await lonely.temporal.workflow.getHandle(run.workflowId).terminate("for the test");
    expect(await other.wait(run)).toMatchObject({
      answer: {
        source: "history",
        run: { endedBy: "terminated" },
        report: { state: "failed", tasks: { a: { state: "failed" } } },
      },
    });
  } finally {
    await other.close();
    await lonely.close();
  }
}, 120_000);

test("client - servers that do not answer are named", async () => {
  const nobody = { temporal: { address: "127.0.0.1:1" }, connectTimeoutMs: 500 };
  await expect(connect(nobody)).rejects.toMatchObject({
    problems: [
      { code: "server-unreachable", what: expect.stringContaining("Temporal does not answer at 127.0.0.1:1") },
    ],
  });
  const deaf = await connect({
    temporal: stack.temporal,
    nats: { servers: "nats://127.0.0.1:1" },
    connectTimeoutMs: 500,
  });
  try {
    const run = { workflowId: "w", temporalRunId: "t", firstExecutionRunId: "t", ...(await anyRun()) };
    await expect(Array.fromAsync(deaf.readLog(run))).rejects.toMatchObject({
      problems: [{ code: "server-unreachable" }],
    });
  } finally {
    await deaf.close();
  }
});

async function anyRun() {
  const { dag, run } = await client.resolveRun("once/mine");
  return { dag, run };
}
