/** A closed run goes on in a new one. */
import { eventually, reportOf, sharedFleet, shell, startDag } from "@slipway/testbed";
import { expect, test } from "vitest";

const fleet = sharedFleet({ env: { USER: "anna", SLIPWAY_HISTORY_EVENTS: "60" } });

async function report(run: string) {
  return await reportOf(fleet.temporal.workflow.getHandle(`dag/again/${run}`));
}

test("rerun - what succeeded is reused with its outputs, what failed runs again; linked both ways; ~3 behind ~2", async () => {
  const handle = await fleet.temporal.workflow.start("runDag", {
    taskQueue: fleet.installation,
    workflowId: "dag/again/one",
    args: [
      {
        dag: {
          dag: "again",
          params: { day: "monday" },
          tasks: {
            load: { ...shell('echo "{\\"rows\\":7}" > "$SLIPWAY_OUTPUTS"'), outputs: { rows: { type: "integer" } } },
            // Only in a run that goes on from another.
            publish: {
              ...shell(
                "case ${{ run.id }} in *~3) echo ${{ params.day }} ${{ tasks.load.outputs.rows }};; *) exit 3;; esac",
              ),
              after: "load",
            },
            told: { ...shell("true"), after: "publish" },
          },
        },
        params: { day: "tuesday" },
      },
    ],
  });
  await handle.result().catch(() => undefined);
  const dry = await fleet.run("retry", "again/one", "--dry-run");
  expect(dry).toMatchObject({ code: 0, stderr: expect.stringContaining("2 tasks would change") });
  expect(dry.stdout).toMatch(/^TASK +FROM +TO\npublish +failed +waiting\ntold +upstream_failed +waiting\n$/);

  const second = await fleet.run("retry", "again/one", "--note", "the disk is mended");
  expect(second).toMatchObject({ code: 0, stderr: "retried again/one as again/one~2, a new run; 2 tasks changed\n" });
  expect((await fleet.run("wait", "again/one~2")).code).toBe(3);
  const third = await fleet.run("retry", "again/one", "publish");
  expect(third.stderr).toContain("as again/one~3, a new run");
  expect((await fleet.run("wait", "again/one~3")).code).toBe(0);
  expect(await report("one~3")).toMatchObject({
    state: "succeeded",
    rerunOf: "dag/again/one",
    tasks: {
      load: { state: "succeeded", attempts: 0, reason: "reused from dag/again/one", outputs: { rows: 7 } },
      publish: { state: "succeeded", attempts: 1 },
      told: { state: "succeeded", attempts: 1 },
    },
    controls: [{ n: 1, control: "retry", task: "publish", by: "anna" }],
  });
  expect(await fleet.run("logs", "again/one~3", "publish")).toEqual({ code: 0, stdout: "tuesday 7\n", stderr: "" });
  expect((await fleet.run("describe", "again/one")).stdout).toContain(
    "rerun as  dag/again/one~2\nrerun as  dag/again/one~3\n",
  );
  expect((await fleet.run("describe", "again/one~3")).stdout).toContain("rerun of  dag/again/one\n");
  const events = await fleet.run("events", "again/one~3", "--type", "run.started", "-o", "json");
  expect(JSON.parse(events.stdout)).toMatchObject({ data: { rerunOf: "dag/again/one" } });

  const nothing = await fleet.run("retry", "again/one~3");
  expect(nothing).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("error[task-state]: nothing of the run failed"),
  });
  const cleared = await fleet.run("clear", "again/one~3", "told");
  expect(cleared.stderr).toContain("as again/one~4, a new run; 1 task changed");
  expect((await fleet.run("wait", "again/one~4")).code).toBe(0);
});

const LARGE = "seq -w 1 40000 | head -c 200000";
const text = { outputs: { text: { type: "string", from: "stdout" } } };

test("rerun - items: one by its key, then what else failed; the others are reused, their large outputs too, over hops", async () => {
  const handle = await startDag(fleet, "again", "items", {
    tasks: {
      first: { ...shell(LARGE), ...text },
      load: {
        // `a` is well at once, the others are in a run that goes on from another.
        ...shell(`${LARGE}; case "\${{ item }}.$SLIPWAY_RUN" in a.*|*~*) ;; *) exit 3;; esac`),
        ...text,
        after: "first",
        forEach: ["a", "b", "c"],
        key: "${{ item }}",
        parallelism: 1,
      },
      sum: {
        ...shell("echo '${{ tasks.load.outputs.text.map(t, size(t)) }}'"),
        after: "load",
        outputs: { sizes: { type: "array", from: "stdout" } },
      },
    },
    outputs: { sizes: { value: "${{ tasks.sum.outputs.sizes }}" } },
  });
  await handle.result().catch(() => undefined);
  const second = await fleet.run("retry", "again/items", "load[c]");
  expect(second).toMatchObject({
    code: 0,
    stderr: "retried again/items as again/items~2, a new run; 2 tasks and 1 item changed\n",
  });
  expect((await fleet.run("wait", "again/items~2")).code).toBe(3);
  expect(await report("items~2")).toMatchObject({
    tasks: {
      first: { attempts: 0 },
      load: {
        state: "failed",
        items: [{ key: "a", attempts: 0 }, { state: "failed", kind: "exit", attempts: 0 }, { state: "succeeded" }],
      },
      sum: { state: "upstream_failed" },
    },
  });
  expect((await fleet.run("retry", "again/items~2")).stderr).toContain("as again/items~3, a new run");
  expect((await fleet.run("wait", "again/items~3")).code).toBe(0);
  expect(await report("items~3")).toMatchObject({
    outputs: { sizes: [200_000, 200_000, 200_000] },
    tasks: { load: { items: [{ attempts: 0 }, { key: "b", state: "succeeded" }, { attempts: 0 }] } },
  });
  const pods = await fleet.run("events", "again/items~3", "--type", "attempt.created", "-o", "name");
  expect(pods.stdout.trim().split("\n")).toHaveLength(2);
}, 180_000);

test("rerun - of a run that was terminated: what had no end runs, what had one is reused", async () => {
  const handle = await startDag(fleet, "again", "ended", {
    tasks: {
      load: {
        ...shell('case "${{ item }}.$SLIPWAY_RUN" in a.*|*~*) ;; *) sleep 1000;; esac'),
        forEach: ["a", "b"],
        parallelism: 1,
        pod: { terminationGracePeriodSeconds: 1 },
      },
      next: { ...shell("true"), after: "load" },
    },
  });
  await eventually("the second item runs", async () =>
    JSON.stringify(await report("ended")).includes('"state":"succeeded"},{"index":1,"key":"1","state":"running"'),
  );
  await handle.terminate("for a test");
  expect((await fleet.run("retry", "again/ended")).stderr).toContain("as again/ended~2, a new run");
  expect((await fleet.run("wait", "again/ended~2")).code).toBe(0);
  expect(await report("ended~2")).toMatchObject({
    tasks: { load: { items: [{ attempts: 0 }, { state: "succeeded" }] }, next: { state: "succeeded", attempts: 1 } },
  });
}, 120_000);

test("rerun - of runPod: its pod is made again, in a linked run", async () => {
  const task = { ...shell('case "$SLIPWAY_RUN" in *~2) ;; *) exit 3;; esac'), namespace: fleet.namespace };
  const start = { taskQueue: fleet.installation, workflowId: "alone", args: [{ task }] };
  await fleet.temporal.workflow.execute("runPod", start).catch(() => undefined);
  expect((await fleet.run("retry", "alone")).stderr).toContain("as -/alone~2, a new run; 1 task changed");
  expect((await fleet.run("wait", "alone~2")).code).toBe(0);
  expect(await fleet.temporal.workflow.getHandle("alone~2").query("state")).toMatchObject({ rerunOf: "alone" });
});

async function forget(workflowId: string, runId: string): Promise<void> {
  const { temporal } = fleet;
  const { namespace } = temporal.options;
  await temporal.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId, runId } });
  await eventually("Temporal has forgotten it", async () =>
    temporal.workflow
      .getHandle(workflowId, runId)
      .describe()
      .then(
        () => false,
        () => true,
      ),
  );
}

test("rerun - of a run that Temporal has forgotten, in part or whole: refused, with the way out", async () => {
  const steps = Array.from({ length: 8 }, (_, at) => [
    `s${at}`,
    { ...shell("true"), ...(at > 0 && { after: `s${at - 1}` }) },
  ]);
  const last = { ...shell("exit 3"), after: "s7" };
  const handle = await startDag(fleet, "again", "old", { tasks: { ...Object.fromEntries(steps), last } });
  await handle.result().catch(() => undefined);
  const { runId } = await handle.describe();
  expect(runId).not.toBe(handle.firstExecutionRunId);
  expect((await fleet.run("retry", "again/old", "--dry-run")).stdout).toMatch(
    /^TASK +FROM +TO\nlast +failed +waiting\n$/,
  );

  await forget(handle.workflowId, handle.firstExecutionRunId);
  const partly = await fleet.run("retry", "again/old");
  expect(partly.code).toBe(1);
  expect(partly.stderr).toContain(
    "error[run-not-found]: Temporal has forgotten dag/again/old, or how it was started, so no run can go on from it",
  );
  expect(partly.stderr).toContain("slipway run PATH");

  await forget(handle.workflowId, runId);
  const gone = await fleet.run("retry", "again/old");
  expect(gone.code).toBe(1);
  expect(gone.stderr).toContain('error[run-not-found]: no run is called "again/old"');
}, 180_000);
