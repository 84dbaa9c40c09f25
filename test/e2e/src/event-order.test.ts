/** What happens to a run, as its events tell it: in order, once each, each with cause and evidence. */
import { eventually, sharedFleet } from "@slipway/testbed";
import { expect, test } from "vitest";

const fleet = sharedFleet();

interface Told {
  readonly id: string;
  readonly type: string;
  readonly task?: string;
  readonly attempt?: number;
  readonly data: { readonly outcome?: Record<string, unknown>; readonly [key: string]: unknown };
}

const busybox = (script: string, more: Record<string, unknown> = {}) => ({
  image: "slipway.local/busybox:1",
  command: ["sh", "-c", script],
  ...more,
});

async function begin(dag: string, tasks: Record<string, unknown>): Promise<{ workflowId: string }> {
  const args = [{ dag: { dag, defaults: { namespace: fleet.namespace }, tasks } }];
  const workflowId = `dag/${dag}/1`;
  await fleet.temporal.workflow.start("runDag", { taskQueue: fleet.installation, workflowId, args });
  return { workflowId };
}

/** Follows to the end, as anyone does, then reads what is stored: both tell the same. */
async function eventsOf({ workflowId }: { workflowId: string }): Promise<Told[]> {
  const followed = await fleet.run("events", workflowId, "-f", "-o", "json");
  const stored = await fleet.run("events", workflowId, "-o", "json");
  expect(followed).toMatchObject({ code: 0, stdout: stored.stdout });
  return stored.stdout
    .trimEnd()
    .split("\n")
    .map((line): Told => JSON.parse(line));
}

const kindsOf = (events: readonly Told[], task: string) =>
  events
    .filter((event) => event.task === task)
    .map(({ type, attempt }) => `${type.replace("dev.slipway.", "")}${attempt === undefined ? "" : ` ${attempt}`}`);

test("events of a run that fails - each attempt's in order, once each, with cause and evidence", async () => {
  const run = await begin("told", {
    good: busybox("echo fine"),
    bad: busybox("echo no; exit 3", { retries: { limit: 1, delay: "1s" } }),
    behind: busybox("true", { after: "bad" }),
  });
  const events = await eventsOf(run);
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  expect([events[0]?.type, events.at(-1)?.type]).toEqual(["dev.slipway.run.started", "dev.slipway.run.finished"]);
  expect(events.at(-1)?.data).toEqual({ state: "failed", message: "bad failed: exit code 3" });
  // The log and the pod are told of when they are done with, which may be behind the next attempt's beginning.
  const behind = /log\.ended|pod\.deleted/;
  const attempt = (n: number) => ["created", "scheduled", "started", "finished"].map((type) => `attempt.${type} ${n}`);
  const own = (task: string) => kindsOf(events, task).filter((kind) => !behind.test(kind));
  expect(own("good")).toEqual([...attempt(1), "task.finished"]);
  expect(own("bad")).toEqual([...attempt(1), ...attempt(2), "task.finished"]);
  expect(kindsOf(events, "behind")).toEqual(["task.skipped"]);
  for (const n of [1, 2]) {
    expect(kindsOf(events, "bad").filter((kind) => behind.test(kind))).toContain(`log.ended ${n}`);
    expect(kindsOf(events, "bad").filter((kind) => behind.test(kind))).toContain(`pod.deleted ${n}`);
  }
  const finished = events.filter(({ type, task }) => type === "dev.slipway.attempt.finished" && task === "bad");
  for (const { data } of finished) {
    expect(data.outcome).toMatchObject({ kind: "exit", exitCode: 3, message: "exit code 3", evidence: {} });
  }
  expect(events.find(({ task, type }) => task === "behind" && type.endsWith("skipped"))?.data).toMatchObject({
    state: "upstream_failed",
    reason: "bad did not succeed",
  });
});

test("events of a run that is cancelled - what ran ends cancelled, what did not is skipped, the run last", async () => {
  const run = await begin("stopped", {
    long: busybox("trap 'exit 0' TERM; while true; do sleep 0.1; done"),
    never: busybox("true", { after: "long" }),
  });
  await eventually("it runs", async () =>
    (await fleet.run("events", run.workflowId)).stdout.includes("attempt.started"),
  );
  expect(await fleet.run("cancel", run.workflowId)).toMatchObject({ code: 0 });
  const events = await eventsOf(run);
  expect(events.at(-1)).toMatchObject({ type: "dev.slipway.run.finished", data: { state: "cancelled" } });
  const finished = events.find(({ type }) => type === "dev.slipway.attempt.finished");
  expect(finished?.data.outcome).toMatchObject({ kind: "cancelled" });
  expect(kindsOf(events, "never")).toEqual(["task.skipped"]);
  expect(kindsOf(events, "long").filter((kind) => kind.startsWith("task."))).toEqual(["task.finished"]);
});
