/** A closed run goes on in a new one. */
import { reportOf, sharedFleet, shell } from "@slipway/testbed";
import { expect, test } from "vitest";

const fleet = sharedFleet({ env: { USER: "anna" } });

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
  expect((await fleet.run("logs", "again/one~3", "publish")).stdout).toBe("tuesday 7\n");
  expect((await fleet.run("describe", "again/one")).stdout).toContain(
    "rerun as  dag/again/one~2\nrerun as  dag/again/one~3\n",
  );
  expect((await fleet.run("describe", "again/one~3")).stdout).toContain("rerun of  dag/again/one\n");
  const events = await fleet.run("events", "again/one~3", "--type", "run.started", "-o", "json");
  expect(JSON.parse(events.stdout)).toMatchObject({ data: { rerunOf: "dag/again/one" } });

  const nothing = await fleet.run("retry", "again/one~3");
  expect(nothing).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("error[task-state]: nothing of one~3 failed"),
  });
  const cleared = await fleet.run("clear", "again/one~3", "told");
  expect(cleared.stderr).toContain("as again/one~4, a new run; 1 task changed");
  expect((await fleet.run("wait", "again/one~4")).code).toBe(0);
});
