/** Tasks that make no pod and wait: approvals, and waits for a time and for a message. */
import { connect, headers } from "@nats-io/transport-node";
import { aFleet, eventually, reportOf, sharedFleet, shell } from "@slipway/testbed";
import { expect, inject, test } from "vitest";

const fleet = sharedFleet({ env: { SLIPWAY_HISTORY_EVENTS: "50", SLIPWAY_EVENT_SUBJECTS: "lake.>", USER: "anna" } });

async function start(run: string, dag: Record<string, unknown>) {
  const handle = await fleet.temporal.workflow.start("runDag", {
    taskQueue: fleet.installation,
    workflowId: `dag/held/${run}`,
    args: [{ dag: { dag: "held", ...dag } }],
  });
  const state = async () => await reportOf(handle);
  const waits = async (task: string) =>
    await eventually(`${task} waits`, async () => (await state()).tasks[task]?.reason !== undefined);
  return { handle, state, waits };
}

/** Once, from `loader`. */
async function publish(subject: string, data: unknown): Promise<void> {
  const nats = await connect({ servers: inject("slipway").nats.url });
  const from = headers();
  from.set("from", "loader");
  nats.publish(subject, typeof data === "string" ? data : JSON.stringify(data), { headers: from });
  await nats.drain();
}

interface Told {
  readonly type: string;
  readonly task?: string;
  readonly data: Record<string, unknown>;
}

async function waitingOf(run: string): Promise<Told[]> {
  const { stdout } = await fleet.run("events", `held/${run}`, "-o", "json", "--type", "task.waiting");
  const lines = stdout.split("\n").filter((line) => line !== "");
  return lines.map((line): Told => JSON.parse(line));
}

test("approve - asked by its event, its report and describe; answered by the command; what it hands on is named behind it", async () => {
  const { handle, state, waits } = await start("asked", {
    tasks: {
      load: { ...shell('echo \'{"rows":7}\' > "$SLIPWAY_OUTPUTS"'), outputs: { rows: { type: "integer" } } },
      review: {
        after: "load",
        approve: {
          message: "${{ tasks.load.outputs.rows }} rows. Publish?",
          options: ["ship", "reject"],
          assignees: "group:leads",
        },
      },
      publish: {
        ...shell("echo ${{ tasks.review.outputs.choice }} by ${{ tasks.review.outputs.by }}"),
        after: "review",
      },
    },
  });
  await waits("review");
  expect((await fleet.run("get", "tasks", "asked")).stdout).toMatch(/review +waiting +0 +7 rows\. Publish\?/);
  const { stdout: described } = await fleet.run("describe", "asked");
  expect(described).toMatch(
    /review +7 rows\. Publish\? +group:leads +ship, reject +slipway approve asked review --choice 'ship'/,
  );
  const options = ["ship", "reject"];
  await eventually("the event is there", async () => (await waitingOf("asked")).length > 0);
  expect((await waitingOf("asked")).map(({ task, data }) => [task, data])).toEqual([
    ["review", { reason: "7 rows. Publish?", options, assignees: ["group:leads"] }],
  ]);
  const wrong = await fleet.run("approve", "asked", "review", "--choice", "shp");
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain('did you mean "ship"?');
  const dry = await fleet.run("approve", "asked", "review", "--choice", "ship", "--dry-run");
  expect(dry.stdout).toMatch(/review +waiting +succeeded/);
  const answered = await fleet.run("approve", "asked", "review", "--choice", "ship", "--note", "looks right");
  expect(answered).toMatchObject({ code: 0, stderr: "answered ship in held/asked; 1 task changed\n" });
  await handle.result();
  expect((await state()).tasks["review"]).toMatchObject({
    state: "succeeded",
    outputs: { choice: "ship", by: "anna", note: "looks right" },
  });
  expect((await fleet.run("logs", "asked", "publish")).stdout).toBe("ship by anna\n");
});

test("approve - rejected: the run has failed by a person's word, and the command's exit code says so", async () => {
  const { waits } = await start("rejected", {
    tasks: { review: { approve: "Go on?" }, next: { ...shell("true"), after: "review" } },
  });
  await waits("review");
  expect((await fleet.run("reject", "rejected", "review", "--note", "not on a Friday")).code).toBe(0);
  const waited = await fleet.run("wait", "rejected");
  expect(waited.code).toBe(4);
  expect(waited.stdout).toContain("review failed: rejected by anna: not on a Friday");
});

test("approve - without an answer in time: the default, or failed by timeout", async () => {
  const { handle, state } = await start("late", {
    tasks: {
      a: { approve: { message: "?", default: "approve" }, timeout: "1s" },
      b: { approve: "?", timeout: "1s" },
    },
  });
  await handle.result().catch(() => undefined);
  expect((await state()).tasks).toMatchObject({
    a: { state: "succeeded", outputs: { choice: "approve", by: null, note: "nobody answered within 1s" } },
    b: { state: "failed", kind: "timeout", message: "nobody answered within 1s" },
  });
});

test("wait - for and until, in one history and over several; a time that is past is over at once; a cancel ends it", async () => {
  const busy = Object.fromEntries(
    Array.from({ length: 12 }, (_, n) => [`n${n}`, { ...shell("true"), ...(n > 0 && { after: `n${n - 1}` }) }]),
  );
  const { handle, state, waits } = await start("timed", {
    tasks: {
      ...busy,
      past: { wait: { until: "${{ logical_date }}" } },
      soon: { wait: { until: '${{ logical_date + duration("3s") }}' } },
      brief: { wait: "1s" },
      long: { wait: "1h" },
      never: { after: "long", approve: "?" },
      bounded: { wait: "1h", timeout: "2s" },
    },
  });
  await waits("long");
  await eventually("the others are over", async () => {
    const { tasks } = await state();
    return (
      ["n11", "past", "soon", "brief"].every((task) => tasks[task]?.state === "succeeded") &&
      tasks["bounded"]?.state === "failed"
    );
  });
  expect((await state()).tasks).toMatchObject({
    bounded: { kind: "timeout", message: "not over within 2s" },
    long: { state: "waiting" },
  });
  const { runId } = (await handle.describe()).raw.workflowExecutionInfo?.execution ?? {};
  expect(runId).not.toBe(handle.firstExecutionRunId);
  expect((await fleet.run("cancel", "timed", "long")).code).toBe(0);
  await handle.result().catch(() => undefined);
  expect((await state()).tasks).toMatchObject({
    long: { state: "failed", kind: "cancelled" },
    never: { state: "upstream_failed" },
  });
});

test("wait - for a message: the first for which its `if` is true", async () => {
  const { handle, state } = await start("message", {
    params: { day: "2026-11-28" },
    tasks: {
      ready: { wait: { event: { subject: "lake.*", if: "has(event.data.day) && event.data.day == params.day" } } },
      next: {
        ...shell("echo ${{ tasks.ready.outputs.data.rows }} of ${{ tasks.ready.outputs.headers.from }}"),
        after: "ready",
      },
    },
  });
  await eventually("it listens", async () => (await waitingOf("message")).length === 1);
  expect((await waitingOf("message"))[0]?.data).toEqual({ reason: "a message on lake.*", subject: "lake.*" });
  await publish("lake.eu", "text alone");
  await publish("lake.eu", { day: "2026-11-27" });
  await publish("lake.us", { day: "2026-11-28", rows: 3 });
  await handle.result();
  expect((await state()).tasks["ready"]).toMatchObject({
    outputs: { subject: "lake.us", headers: { from: "loader" }, data: { day: "2026-11-28", rows: 3 } },
  });
  expect((await fleet.run("logs", "message", "next")).stdout).toBe("3 of loader\n");
});

test("wait - a worker that shuts down hands over: another listens", async () => {
  const own = await aFleet(inject("slipway"), { env: { SLIPWAY_EVENT_SUBJECTS: "handed.>" }, worker: false });
  try {
    const first = await own.startWorker();
    const handle = await own.temporal.workflow.start("runDag", {
      taskQueue: own.installation,
      workflowId: "dag/held/handed",
      args: [{ dag: { dag: "held", tasks: { a: { wait: { event: { subject: "handed.over" } } } } } }],
    });
    const told = async () => (await own.run("events", "held/handed", "-o", "json", "--type", "task.waiting")).stdout;
    await eventually("it listens", async () => (await told()) !== "");
    await own.startWorker();
    await first.stop("SIGTERM");
    await eventually("a message is heard", async () => {
      await publish("handed.over", {});
      return (await reportOf(handle)).tasks["a"]?.state === "succeeded";
    });
    await handle.result();
    expect((await told()).trim().split("\n")).toHaveLength(1);
  } finally {
    await own.close();
  }
});

test("wait - a subject that the operator does not allow: refused at the start; failed where an expression gives it", async () => {
  const refused = await start("elsewhere", { tasks: { a: { wait: { event: { subject: "orders.new" } } } } });
  await expect(refused.handle.result()).rejects.toMatchObject({
    cause: {
      type: "InvalidDag",
      message: expect.stringContaining("error[event-subject]: a: no run may wait for messages on orders.new"),
    },
  });
  const late = await start("elsewhere-late", {
    tasks: { up: { noop: {} }, a: { after: "up", wait: { event: { subject: "orders.${{ tasks.up.state }}" } } } },
  });
  await late.handle.result().catch(() => undefined);
  expect((await late.state()).tasks["a"]).toMatchObject({ state: "failed", kind: "config" });
});
