import type { RunReport, SlipwayClient, TaskReport } from "@slipway/client";
import { isDagName, isRunId } from "@slipway/dag";
import { expect, test } from "vitest";
import { tasksTable } from "./report-view.ts";
import { styleFor } from "./style.ts";
import { testWorld } from "./test-world.ts";
import { unitNamed } from "./unit-name.ts";
import { UnitTitles } from "./unit-titles.ts";

const plain = styleFor({}, testWorld().out);

function load(states: readonly TaskReport["state"][], key = (index: number) => `2026-11-${20 + index}`): TaskReport {
  const counts: Partial<Record<TaskReport["state"], number>> = {};
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
  const items = states.map((state, index) => ({
    index,
    key: key(index),
    state,
    ...(state === "failed" && { kind: "exit" as const, attempts: 2, message: "exit code 3" }),
  }));
  return { state: "running", attempts: states.length, counts, items };
}

const report = (task: TaskReport): RunReport => ({ state: "running", tasks: { load: task }, outputs: {} });

test("items - a short list is shown whole, by its keys", () => {
  expect(tasksTable(plain, report(load(["succeeded", "failed", "running", "waiting"])))).toMatchInlineSnapshot(`
    "TASK                 STATE       ATTEMPTS   WHY
    load                 running     -          1 of 4 succeeded, 1 failed, 1 running, 1 waiting
      load[2026-11-20]   succeeded   1
      load[2026-11-21]   failed      2          [exit] exit code 3
      load[2026-11-22]   running     1
      load[2026-11-23]   waiting     0
    "
  `);
});

test("items - of a long list those that need a look, and how many more there are", () => {
  const states = Array.from({ length: 5_000 }, (_, at): TaskReport["state"] => (at === 4_321 ? "failed" : "succeeded"));
  const lines = tasksTable(plain, report(load(states, String)))
    .trimEnd()
    .split("\n");
  expect(lines.map((line) => line.trimEnd())).toEqual([
    "TASK            STATE     ATTEMPTS   WHY",
    "load            running   -          4999 of 5000 succeeded, 1 failed",
    "  load[4321]    failed    2          [exit] exit code 3",
    "  … 4999 more",
  ]);
});

const [DAG, RUN] = ["d", "r"];
if (!isDagName(DAG) || !isRunId(RUN)) throw new Error(DAG);
const REF = { workflowId: "dag/d/r", temporalRunId: "t", firstExecutionRunId: "t", dag: DAG, run: RUN };
const asked: Pick<SlipwayClient, "report"> = {
  report: async () => ({
    run: { ...REF, type: "runDag", state: "running", startedAt: new Date(0) },
    report: report(load(["succeeded", "failed"])),
    source: "query",
  }),
};

test.each([
  ["load", undefined, { task: "load" }],
  ["load", 7, { task: "load", index: 7 }],
  ["load[2026-11-21]", undefined, { task: "load", index: 1 }],
  ["load[1]", undefined, { task: "load", index: 1 }],
  [undefined, undefined, {}],
] as const)("items - %s and --index %s mean %j", async (name, index, unit) => {
  expect(await unitNamed(asked, REF, name, index)).toEqual(unit);
});

test.each([
  ["load[2026-11-29]", undefined, "has no item"],
  ["load[1]", 1, "both name an item"],
  [undefined, 1, "the position of an item of one task"],
] as const)("items - %s and --index %s are refused: %s", async (name, index, why) => {
  await expect(unitNamed(asked, REF, name, index)).rejects.toThrow(why);
});

test("items - logs and events call them by the keys of the report, which is asked for once", async () => {
  let asks = 0;
  const counting: Pick<SlipwayClient, "report"> = { report: (run) => ((asks += 1), asked.report(run)) };
  const titles = new UnitTitles(counting, REF);
  expect(await titles.of({ task: "start" })).toBe("start");
  expect(asks).toBe(0);
  expect(await titles.of({ task: "load", index: 1 })).toBe("load[2026-11-21]");
  expect(await titles.of({ task: "load", index: 7 })).toBe("load[7]");
  expect(asks).toBe(1);
});

test("items - a run that does not answer leaves them their positions", async () => {
  const titles = new UnitTitles({ report: async () => await Promise.reject(new Error("gone")) }, REF);
  expect(await titles.of({ task: "load", index: 1 })).toBe("load[1]");
});
