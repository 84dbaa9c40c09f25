/** Params of an open run are set for what has not begun; by the command and by a plain client's update. */
import { eventually, reportOf, sharedFleet, shell, startDag } from "@slipway/testbed";
import { expect, test } from "vitest";

// So few that the run goes on in new histories.
const fleet = sharedFleet({ env: { SLIPWAY_HISTORY_EVENTS: "50", USER: "anna" } });

test("setParams - tasks that have not begun print the new value, one between two attempts keeps the old; refusals, dry run; an event without values; a rerun has them", async () => {
  const handle = await startDag(fleet, "words", "one", {
    params: { word: "old", count: 1 },
    tasks: {
      first: { ...shell("echo ${{ params.word }}; exit 3"), retries: { limit: 1, delay: "10s" } },
      asked: { approve: { message: "go on?" } },
      second: { ...shell("echo ${{ params.word }} ${{ params.count }}"), after: "asked" },
      late: { ...shell("echo ${{ tasks.second.state }} ${{ params.word }}"), after: "second" },
    },
  });
  const report = async () => await reportOf(handle);
  await eventually("first is tried again", async () => (await report()).tasks["first"]?.state === "retrying");

  const wrong = await fleet.run("set", "words/one", "-p", "wrod=new");
  expect(wrong).toMatchObject({ code: 1, stdout: "" });
  expect(wrong.stderr).toContain("error[unknown-param]: the DAG has no param `wrod`");
  expect(wrong.stderr).toContain("did you mean `word`?");
  expect(await fleet.run("set", "words/one", "-p", "count=two")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("error[bad-param]"),
  });
  expect((await fleet.run("set", "words/one")).code).toBe(2);

  const changes = [
    /^TASK +FIELD +FROM +TO$/m,
    /^second +container\.command\.2 +echo old 1 +echo new 2$/m,
    /^late +params\.word +old +new$/m,
  ];
  const values = ["-p", "word=new", "-p", "count=2"];
  const dry = await fleet.run("set", "words/one", ...values, "--dry-run");
  expect(dry).toMatchObject({
    code: 0,
    stderr: "dry run, nothing is changed: params set in words/one; 2 tasks would change\n",
  });
  for (const line of changes) expect(dry.stdout).toMatch(line);
  expect(dry.stdout).not.toContain("first");
  expect(await report()).not.toHaveProperty("params");

  const set = await fleet.run("set", "words/one", ...values, "--note", "the old word is gone");
  expect(set).toMatchObject({ code: 0, stderr: "params set in words/one; 2 tasks changed\n", stdout: dry.stdout });
  const again: unknown = await handle.executeUpdate("setParams", { args: [{ params: { word: "new" } }] });
  expect(again).toEqual({ state: "running", changes: [] });
  expect(await report()).toMatchObject({
    params: { word: "new", count: "2" },
    controls: [
      { n: 1, control: "setParams", params: { word: "new", count: "2" }, by: "anna", note: "the old word is gone" },
    ],
  });
  expect((await fleet.run("describe", "words/one")).stdout).toContain('setParams (word="new", count="2")');

  expect((await fleet.run("approve", "words/one", "asked")).code).toBe(0);
  await handle.result().catch(() => undefined);
  expect((await fleet.temporal.workflow.getHandle("dag/words/one").describe()).runId).not.toBe(
    handle.firstExecutionRunId,
  );
  expect((await fleet.run("logs", "words/one", "second")).stdout).toBe("new 2\n");
  expect((await fleet.run("logs", "words/one", "late")).stdout).toBe("succeeded new\n");
  expect((await fleet.run("logs", "words/one", "first", "--attempt", "all")).stdout).toMatch(/old\n(.*\n)*.*old\n$/);
  expect(await fleet.run("set", "words/one", "-p", "word=newest")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("error[run-closed]"),
  });

  const { stdout: told } = await fleet.run("events", "words/one", "-o", "json", "--type", "run.changed");
  expect(
    told
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line)),
  ).toEqual([
    expect.objectContaining({
      data: {
        params: ["word", "count"],
        tasks: ["second", "late"],
        changed: 2,
        by: "anna",
        note: "the old word is gone",
      },
    }),
  ]);

  expect((await fleet.run("retry", "words/one")).code).toBe(0);
  expect((await fleet.run("wait", "words/one~2")).code).toBe(3);
  expect((await fleet.run("logs", "words/one~2", "first", "--attempt", "1")).stdout).toBe("new\n");
});
