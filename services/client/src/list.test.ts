import { expect, test } from "vitest";
import { queryOf, stateOfStatus } from "./list.ts";

test("query - Temporal's own attributes alone, so it works where ours are not registered", () => {
  expect(queryOf("slipway", {})).toMatchInlineSnapshot(
    `"WorkflowType IN ('runDag', 'runPod') AND TaskQueue = 'slipway' AND ExecutionStatus != 'ContinuedAsNew'"`,
  );
  expect(queryOf("t-1", { state: "failed", startedAfter: new Date("2026-11-22T10:00:00Z") })).toMatchInlineSnapshot(
    `"WorkflowType IN ('runDag', 'runPod') AND TaskQueue = 't-1' AND ExecutionStatus != 'ContinuedAsNew' AND ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut') AND StartTime > '2026-11-22T10:00:00.000Z'"`,
  );
});

test("state - a workflow that Temporal ended is a failed run, and says so", () => {
  expect(stateOfStatus("TERMINATED")).toEqual({ state: "failed", endedBy: "terminated" });
  expect(stateOfStatus("TIMED_OUT")).toEqual({ state: "failed", endedBy: "timed_out" });
  expect(stateOfStatus("CANCELLED")).toEqual({ state: "cancelled" });
  expect(stateOfStatus("PAUSED")).toEqual({ state: "running" });
});
