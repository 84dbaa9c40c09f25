import { isJsonObject } from "@slipway/dag";
import { evaluate } from "@slipway/dag/cel";
import { expect, test } from "vitest";
import { changeParamsActivity } from "./change-params.ts";
import type { FirstInput } from "./first-input.ts";

const chain = { workflowId: "dag/words/1", firstExecutionRunId: "5b2d" };
const logicalDate = "2026-11-26T10:00:00Z";
const tasks = { say: { image: "busybox:1", command: ["echo", "${{ params.word + '!' }}", "${{ ds }}"] } };

function changing(first: FirstInput | undefined) {
  const settings = { pools: {}, pages: { namespace: "default" }, subjects: [] };
  const evaluator = {
    evaluate: async ({ source, variables }: { readonly source: string; readonly variables: object }) =>
      evaluate("task", source, isJsonObject(variables) ? variables : {}),
  };
  const change = changeParamsActivity(settings, evaluator, async () => first);
  return async (before: Record<string, string>, after: Record<string, string>) =>
    await change({ chain, logicalDate, before, after });
}

const started: FirstInput = {
  workflowType: "runDag",
  input: { dag: { dag: "words", params: { word: "a", n: 1 }, tasks }, params: { n: 5 } },
};

test("setParams - a DAG is compiled over what its run was started with, and with its date", async () => {
  const answer = await changing(started)({ word: "b" }, { word: "c" });
  expect(answer).toMatchObject({
    kind: "ok",
    compiled: {
      params: { word: "c", n: 5 },
      tasks: [{ spec: { container: { command: ["echo", "c!", "2026-11-26"] } } }],
    },
    differing: [{ task: "say", fields: [{ field: "container.command.1", from: "b!", to: "c!" }] }],
  });
});

test("setParams - runPod's too", async () => {
  const pod = { workflowType: "runPod", input: { task: tasks.say, params: { word: "a" } } } as const;
  expect(await changing(pod)({}, { word: "c" })).toMatchObject({ kind: "ok", compiled: { params: { word: "c" } } });
});

test("setParams - every problem is told; a run whose first history is gone keeps its params", async () => {
  expect(await changing(started)({}, { wrod: "c", n: "x" })).toMatchObject({
    kind: "refused",
    problems: [{ code: "unknown-param", fix: "did you mean `word`?" }, { code: "bad-param" }],
  });
  expect(await changing(undefined)({}, { word: "c" })).toMatchObject({
    kind: "refused",
    problems: [{ code: "run-not-found" }],
  });
});
