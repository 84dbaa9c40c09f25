import { expect, test } from "vitest";
import { readRunInput } from "./run-input.ts";

test.each([
  ["nothing", null, "runDag was started with nothing"],
  ["a list", [], "runDag was started with a list"],
  ["a text", "dag", "runDag was started with a string"],
  ["an unknown word", { dga: {} }, 'runDag has no argument "dga"'],
  ["a word for later", { dag: {}, logicalDate: "2026-11-22" }, "runDag's logicalDate is not run by this version yet"],
  ["params that are none", { dag: {}, params: [1] }, "params is a list"],
])("run input - %s is refused", (_, input, what) => {
  expect(readRunInput({ workflowType: "runDag", input })).toMatchObject({ kind: "refused", problems: [{ what }] });
});

test("run input - the right words pass, whatever they hold", () => {
  expect(readRunInput({ workflowType: "runDag", input: { dag: 3 } })).toEqual({
    kind: "ok",
    fields: { dag: 3 },
    params: {},
  });
  expect(readRunInput({ workflowType: "runPod", input: { task: {}, params: { a: 1 } } })).toMatchObject({
    kind: "ok",
    params: { a: 1 },
  });
});
