/** A run whose history is full goes on in a new one: nothing is drained, no pod is made twice, no line is lost or doubled. */
import { eventually, reportOf, sharedFleet, shell, startDag } from "@slipway/testbed";
import { expect, test } from "vitest";

const fleet = sharedFleet({ env: { SLIPWAY_HISTORY_EVENTS: "60" } });

const LINES = 150;
const ALL = Array.from({ length: LINES }, (_, i) => `line ${i + 1}`);
const slow = shell(`i=0; while [ $i -lt ${LINES} ]; do i=$((i+1)); echo line $i; sleep 0.1; done`);

test("continue-as-new - pods that run are adopted, every line once, one verdict each", async () => {
  const steps = ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"];
  const chain = steps.map((name, i) => [name, { ...shell("true"), ...(i > 0 && { after: steps[i - 1] }) }] as const);
  const tasks = {
    slow: { ...slow, outputs: { last: { type: "string", from: "lastLine" }, all: { type: "string", from: "stdout" } } },
    broken: {
      ...shell("exit 3"),
      retries: { limit: 1, delay: "1s", if: "outcome.exitCode == 3" },
      timeout: { total: "10m" },
    },
    ...Object.fromEntries(chain),
    s0: { ...shell("echo '{\"rows\": 7}' > $SLIPWAY_OUTPUTS"), outputs: { rows: { type: "integer" } } },
    hurried: { ...shell("sleep 1000"), pod: { terminationGracePeriodSeconds: 1 }, timeout: { total: "18s" } },
  };
  const handle = await startDag(fleet, "hops", "1", { tasks });
  const error: unknown = await handle.result().catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    cause: { type: "DagFailed", message: "broken failed: exit code 3 (and 1 more task failed)" },
  });
  const report = await handle.query("state");
  expect(report).toMatchObject({
    state: "failed",
    tasks: {
      slow: { state: "succeeded", attempts: 1, outputs: { last: `line ${LINES}`, all: ALL.join("\n") } },
      s0: { state: "succeeded", outputs: { rows: 7 } },
      hurried: { kind: "timeout", attempts: 1, message: "not done within timeout.total (18s)" },
      broken: { attempts: 2 },
      s7: { state: "succeeded", attempts: 1 },
    },
  });
  const { raw } = await handle.describe();
  expect(raw.workflowExecutionInfo?.firstRunId).not.toBe(raw.workflowExecutionInfo?.execution?.runId);

  const events = await eventsOf("hops/1");
  const created = events.filter(({ type }) => type === "dev.slipway.attempt.created");
  expect(created.map(({ task, attempt }) => `${task}.${attempt}`).toSorted()).toEqual(
    ["broken.1", "broken.2", "hurried.1", "slow.1", ...steps.map((name) => `${name}.1`)].toSorted(),
  );
  for (const type of ["dev.slipway.run.started", "dev.slipway.run.finished"])
    expect(events.filter((event) => event.type === type)).toHaveLength(1);
  const logs = await fleet.run("logs", "hops/1", "slow");
  expect(logs.stdout.trimEnd().split("\n")).toEqual(ALL);
  const described = await fleet.run("describe", "hops/1", "-o", "json");
  expect(described.stdout).toContain('"s0"');
  await noPodIsLeft();
}, 180_000);

test("continue-as-new - cancelled in a later history: its pods are ended, nothing is left", async () => {
  const endless = shell("trap 'exit 0' TERM; while true; do sleep 0.1; done");
  const between = { ...shell("exit 3"), retries: { limit: 1, delay: "1h" } };
  const steps = ["s0", "s1", "s2", "s3", "s4", "s5"];
  const chain = steps.map((name, i) => [name, { ...shell("true"), ...(i > 0 && { after: steps[i - 1] }) }] as const);
  const handle = await startDag(fleet, "hops", "2", { tasks: { endless, between, ...Object.fromEntries(chain) } });
  await eventually("the last step has ended, in a later history", async () => {
    const { raw } = await handle.describe();
    const { firstRunId, execution } = raw.workflowExecutionInfo ?? {};
    const { tasks } = await reportOf(handle);
    return firstRunId !== execution?.runId && tasks["s5"]?.state === "succeeded";
  });
  await handle.cancel();
  await handle.result().catch(() => undefined);
  expect(await handle.query("state")).toMatchObject({
    state: "cancelled",
    tasks: {
      endless: { state: "failed", kind: "cancelled", attempts: 1 },
      between: { state: "failed", kind: "cancelled", attempts: 1 },
    },
  });
  await noPodIsLeft();
}, 120_000);

/** A run closes once nothing of its pods can run; the kubelet tidies up for some seconds more (docs/decisions/0003). */
async function noPodIsLeft(): Promise<void> {
  await eventually("no pod is left", async () => {
    const { items } = await fleet.pods.listNamespacedPod({ namespace: fleet.namespace });
    return items.length === 0;
  });
}

interface Told {
  readonly type: string;
  readonly task?: string;
  readonly attempt?: number;
}

async function eventsOf(run: string): Promise<readonly Told[]> {
  const { stdout } = await fleet.run("events", run, "-o", "json");
  return stdout
    .trim()
    .split("\n")
    .map((line): Told => JSON.parse(line));
}
