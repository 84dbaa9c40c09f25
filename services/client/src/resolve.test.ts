import { isDagName, isRunId } from "@slipway/dag";
import { expect, test } from "vitest";
import type { RunSummary } from "./list.ts";
import { pickByPrefix } from "./resolve.ts";
import { dagOfWorkflowId, readRunName, runOf } from "./run-ref.ts";

function aRun(workflowId: string): RunSummary {
  const dag = dagOfWorkflowId(workflowId);
  return {
    workflowId,
    temporalRunId: "t",
    ...(dag && { dag }),
    run: runOf(workflowId, dag),
    type: "runDag",
    state: "running",
    startedAt: new Date(0),
  };
}

const RUNS = [
  "dag/etl/kx2abcdefg",
  "dag/etl/kx3abcdefg",
  "dag/web/kx2",
  "dag/web/same",
  "dag/etl/same",
  "plain id",
].map(aRun);

test.each([
  ["kx3", "dag/etl/kx3abcdefg"],
  ["kx2", "dag/web/kx2"],
  ["kx2a", "dag/etl/kx2abcdefg"],
  ["etl/kx2", "dag/etl/kx2abcdefg"],
  ["dag/etl/kx3", "dag/etl/kx3abcdefg"],
  ["pla", "plain id"],
])("prefix - %s is %s: an exact id wins over a longer one", (text, expected) => {
  expect(pickByPrefix(RUNS, text).workflowId).toBe(expected);
});

test("prefix - more than one is ambiguous and named; equal ids of two DAGs too", () => {
  expect(() => pickByPrefix(RUNS, "kx")).toThrow(
    'error[run-ambiguous]: "kx" may be 3 runs: dag/etl/kx2abcdefg, dag/etl/kx3abcdefg, dag/web/kx2',
  );
  expect(() => pickByPrefix(RUNS, "same")).toThrow(/run-ambiguous.*may be 2 runs/);
  const many = Array.from({ length: 9 }, (_, at) => aRun(`dag/a/x${at}`));
  expect(() => pickByPrefix(many, "x")).toThrow("dag/a/x4 and 4 more");
});

test("prefix - none is run-not-found", () => {
  expect(() => pickByPrefix(RUNS, "zz")).toThrow('error[run-not-found]: no run is called "zz"');
});

test("run name - what a text may be as it stands, most likely first", () => {
  expect(readRunName("@latest")).toEqual({ kind: "latest" });
  expect(readRunName("etl/7")).toEqual({ kind: "text", text: "etl/7", workflowIds: ["dag/etl/7", "etl/7"] });
  expect(readRunName("dag/etl/7")).toEqual({ kind: "text", text: "dag/etl/7", workflowIds: ["dag/etl/7"] });
  expect(readRunName("kx2")).toEqual({ kind: "text", text: "kx2", workflowIds: ["kx2"] });
});

test.each([
  ["dag/etl/7", "etl", "7"],
  ["dag/etl/a/b", undefined, "dag/etl/a/b"],
  ["dag/etl/", undefined, "dag/etl/"],
  ["dag/-/job", "-", "job"],
  ["any id/I like", undefined, "any id/I like"],
])("workflow id - %s is of DAG %s, run %s", (workflowId, dag, run) => {
  expect(dagOfWorkflowId(workflowId)).toBe(dag);
  expect(runOf(workflowId, undefined)).toBe(run);
  expect(isRunId(run) && (dag === undefined || isDagName(dag))).toBe(true);
});
