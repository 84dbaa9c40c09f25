/** What people ask of an open run: pause, cancel, mark, skip, retry, clear; by the command and by a plain client's updates. */
import { endless, eventually, reportOf, sharedFleet, shell, startDag } from "@slipway/testbed";
import { expect, test } from "vitest";

// So few that every story goes on in new histories while it is played.
const fleet = sharedFleet({ env: { SLIPWAY_HISTORY_EVENTS: "50", USER: "anna" } });

async function start(run: string, tasks: Record<string, unknown>) {
  const handle = await startDag(fleet, "controlled", run, { tasks });
  const state = async () => await reportOf(handle);
  const update = async (kind: string, fields: object = {}) => await handle.executeUpdate(kind, { args: [fields] });
  const until = async (wanted: Record<string, string>) =>
    await eventually(`${run} is ${JSON.stringify(wanted)}`, async () => {
      const { tasks: found } = await state();
      return Object.entries(wanted).every(([task, word]) => found[task]?.state === word);
    });
  return { handle, state, update, until };
}

async function eventsOf(run: string) {
  interface Told {
    readonly id: string;
    readonly type: string;
    readonly task?: string;
    readonly data: Record<string, unknown>;
  }
  const { stdout } = await fleet.run("events", `controlled/${run}`, "-o", "json");
  const all = stdout
    .trim()
    .split("\n")
    .map((line): Told => JSON.parse(line));
  return (type: string, task?: string) =>
    all.filter((event) => event.type === `dev.slipway.${type}` && (task === undefined || event.task === task));
}

test("pause - nothing new starts, what runs goes on, the run stays open over hops; unpause; who and why are kept", async () => {
  const { handle, state, until } = await start("paused", {
    first: shell("sleep 2"),
    next: { ...shell("true"), after: "first" },
  });
  const paused = await fleet.run("pause", "paused", "--note", "the disk is full");
  expect(paused).toMatchObject({ code: 0, stderr: "paused controlled/paused; 0 tasks changed\n" });
  await until({ first: "succeeded" });
  expect(await state()).toMatchObject({ state: "paused", tasks: { next: { state: "waiting", attempts: 0 } } });
  await eventually("lists know that it is paused", async () =>
    (await fleet.run("get", "runs", "--state", "paused", "-o", "name")).stdout.includes("dag/controlled/paused\n"),
  );
  expect((await fleet.run("unpause", "paused", "--by", "bo")).code).toBe(0);
  await handle.result();
  expect(await state()).toMatchObject({
    state: "succeeded",
    controls: [
      { n: 1, control: "pause", by: "anna", note: "the disk is full" },
      { n: 2, control: "resume", by: "bo" },
    ],
  });
  const told = await eventsOf("paused");
  expect(told("run.paused").map(({ data }) => data)).toEqual([{ by: "anna", note: "the disk is full" }]);
  expect(told("run.resumed").map(({ data }) => data)).toEqual([{ by: "bo" }]);
  expect((await fleet.run("describe", "paused")).stdout).toMatch(/Controls\n.*\npause +- +anna +the disk is full\n/);
});

test("mark - while the last pod is being let go: it is told, and the run closes as that says", async () => {
  const slow = { name: "slow", ...shell("trap '' TERM; sleep 1000") };
  const { handle, state, update, until } = await start("let-go", {
    bad: { ...shell("exit 3"), pod: { terminationGracePeriodSeconds: 10, containers: [slow] } },
  });
  await until({ bad: "failed" });
  await eventually("its end is told", async () => (await eventsOf("let-go"))("task.finished").length === 1);
  await update("mark", { task: "bad", state: "succeeded", by: "bo" });
  expect(await handle.result()).toMatchObject({ state: "succeeded" });
  expect(await state()).toMatchObject({ tasks: { bad: { state: "succeeded" } } });
  const told = await eventsOf("let-go");
  expect(told("task.finished", "bad").map(({ data }) => data)).toMatchObject([
    { state: "failed" },
    { state: "succeeded", by: "bo" },
  ]);
});

test("retry, clear, cancelTask, mark, skip - attempts go on, a dry run changes nothing, refusals say why", async () => {
  const { handle, state, update, until } = await start("mended", {
    flaky: { ...shell('test "$SLIPWAY_ATTEMPT" != 1'), retries: 0 },
    below: { ...shell("true"), after: "flaky" },
    endless,
    tail: { ...shell("true"), after: "endless" },
  });
  await until({ flaky: "failed", below: "upstream_failed", endless: "running" });
  const again = [
    { task: "flaky", from: "failed", to: "waiting" },
    { task: "below", from: "upstream_failed", to: "waiting" },
  ];
  expect(await update("retry", { dryRun: true })).toEqual({ state: "running", changes: again });
  expect(await state()).toMatchObject({ tasks: { flaky: { state: "failed", attempts: 1 } } });
  expect(await update("retry", { by: "anna", note: "once more" })).toEqual({ state: "running", changes: again });
  await until({ flaky: "succeeded", below: "succeeded" });
  expect(await state()).toMatchObject({ tasks: { flaky: { attempts: 2 }, below: { attempts: 1 } } });

  const refusal = await update("retry", { task: "flaky" }).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ cause: { type: "task-state" } });
  const refused = await fleet.run("retry", "mended", "flaky");
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain("error[task-state]: flaky has not failed: it is succeeded\n");
  expect((await fleet.run("skip", "mended", "nobody")).stderr).toContain("error[task-not-found]");

  const cleared = await fleet.run("clear", "mended", "flaky");
  expect(cleared).toMatchObject({ code: 0, stderr: "cleared in controlled/mended; 2 tasks changed\n" });
  expect(cleared.stdout).toMatch(/^TASK +FROM +TO\nflaky +succeeded +waiting\nbelow +succeeded +waiting\n$/);
  await eventually("both ran once more", async () => {
    const { tasks } = await state();
    return tasks["flaky"]?.attempts === 3 && tasks["below"]?.attempts === 2 && tasks["below"].state === "succeeded";
  });

  await update("pause");
  expect((await fleet.run("cancel", "mended", "endless", "--note", "too long")).code).toBe(0);
  await until({ endless: "failed", tail: "upstream_failed" });
  expect(await state()).toMatchObject({
    state: "paused",
    tasks: { endless: { kind: "cancelled", attempts: 1, message: "cancelled by anna: too long" } },
  });
  expect((await fleet.run("mark", "mended", "endless", "succeeded", "--note", "done by hand")).code).toBe(0);
  await until({ endless: "succeeded", tail: "waiting" });
  expect((await fleet.run("skip", "mended", "tail")).code).toBe(0);
  await update("resume");
  await handle.result();
  expect(await state()).toMatchObject({
    state: "succeeded",
    tasks: {
      endless: { state: "succeeded", reason: "marked succeeded by anna: done by hand" },
      tail: { state: "skipped", reason: "marked skipped by anna" },
    },
  });

  const told = await eventsOf("mended");
  expect(told("task.finished", "flaky").map(({ data }) => data["state"])).toEqual(["failed", "succeeded", "succeeded"]);
  expect(told("attempt.created", "flaky")).toHaveLength(3);
  expect(told("task.cleared", "flaky").map(({ data }) => data)).toEqual([
    { control: "retry", attempts: 1, by: "anna", note: "once more" },
    { control: "clear", attempts: 2, by: "anna" },
  ]);
  expect(told("task.skipped", "tail").at(-1)?.data).toMatchObject({ by: "anna" });
});

test("cancel - the update ends a paused run as Temporal's Cancel does, with its reason; a closed run takes nothing", async () => {
  const { handle, state, until } = await start("ended", { endless, next: { ...shell("true"), after: "endless" } });
  await until({ endless: "running" });
  expect((await fleet.run("pause", "ended")).code).toBe(0);
  const cancelled = await fleet.run("cancel", "ended", "--reason", "wrong day");
  expect(cancelled.stderr).toContain("cancel requested for controlled/ended");
  await handle.result().catch(() => undefined);
  expect((await handle.describe()).status.name).toBe("CANCELLED");
  expect(await state()).toMatchObject({
    state: "cancelled",
    tasks: {
      endless: { state: "failed", kind: "cancelled" },
      next: { state: "skipped", reason: "the run was cancelled by anna: wrong day" },
    },
    controls: [{ control: "pause" }, { control: "cancel", by: "anna", note: "wrong day" }],
  });
  const refused = await fleet.run("pause", "ended");
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("error[run-closed]");
});
