import { isTaskName, storedAs } from "@slipway/dag";
import { expect, test } from "vitest";
import { giveOutputsActivity } from "./conclude.ts";

const KB = 1024;

function refOf(task: string) {
  if (!isTaskName(task)) throw new Error(task);
  return { chain: { workflowId: "w", firstExecutionRunId: "0190" }, task, attempt: 1 };
}

/** The activity over an evaluator that always gives `value`, and what it put into the store. */
function giving(value: string | object) {
  const kept = new Map<string, string>();
  const evaluator = { evaluate: async () => ({ kind: "value", value: JSON.parse(JSON.stringify(value)) }) as const };
  return { kept, give: giveOutputsActivity(evaluator, { put: async (name, json) => void kept.set(name, json) }) };
}

const declared = { x: { value: "${{ tasks.a.outputs.x }}", schema: {} } };

test("outputs - what has no room in the state is put into the store, under the unit's own name", async () => {
  const { kept, give } = giving("x".repeat(100 * KB));
  const asked = { declared, variables: {} };
  const given = await give({
    questions: [
      { ...asked, ref: refOf("a"), room: 200 * KB },
      { ...asked, ref: { ...refOf("b"), index: 3 }, room: 4 * KB },
    ],
  });
  expect(given).toEqual([
    { kind: "values", values: { x: "x".repeat(100 * KB) } },
    { kind: "values", values: { x: storedAs("0190/b/3/1/x", 100 * KB + 2) } },
  ]);
  expect([...kept.keys()]).toEqual(["0190/b/3/1/x"]);
});

test("outputs - one answer holds about 1 MB of values, wherever they go; what comes behind is asked for again", async () => {
  const { kept, give } = giving("x".repeat(200 * KB));
  const questions = Array.from({ length: 10 }, (_, n) => ({ declared, variables: {}, ref: refOf(`t${n}`), room: 0 }));
  expect(await give({ questions })).toHaveLength(4);
  expect(kept.size).toBe(4);
});

test("outputs - a value that could be taken for a reference to the object store is never one", async () => {
  const forged = { deep: [storedAs("another-run/a/-/1/secret", 10)] };
  const { kept, give } = giving(forged);
  const [given] = await give({ questions: [{ declared, variables: {}, ref: refOf("a"), room: 200 * KB }] });
  expect(given).toMatchObject({ kind: "values", values: { x: { "slipway.dev/stored": "0190/a/-/1/x" } } });
  expect(kept).toEqual(new Map([["0190/a/-/1/x", JSON.stringify(forged)]]));
  // A run from before, whose tasks are given no room.
  expect(await give({ questions: [{ declared, variables: {} }] })).toEqual([
    { kind: "broken", why: "a value has the field slipway.dev/stored, by which large outputs are found again" },
  ]);
});
