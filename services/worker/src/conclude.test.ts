import { storedAs } from "@slipway/dag";
import { expect, test } from "vitest";
import { giveOutputsActivity } from "./conclude.ts";

test("outputs - a value that could be taken for a reference to the object store is none of a task without a pod", async () => {
  const forged = { deep: [storedAs("another-run/a/-/1/secret", 10)] };
  const evaluator = { evaluate: async () => ({ kind: "value", value: forged }) as const };
  const declared = { x: { value: "${{ tasks.a.outputs.x }}", schema: {} } };
  const [given] = await giveOutputsActivity(evaluator)({ questions: [{ declared, variables: {} }] });
  expect(given).toEqual({
    kind: "broken",
    why: "a value has the field slipway.dev/stored, by which large outputs are found again",
  });
});
