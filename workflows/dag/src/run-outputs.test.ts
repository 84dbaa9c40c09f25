import { expect, test } from "vitest";
import type { SpecFields } from "./compiled.ts";
import { type Graph, graphOf } from "./graph.ts";
import { isDagName, isTaskName, type TaskName } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import type { Outcome } from "./outcome.ts";
import { reportOf } from "./report.ts";
import { apply, beginRun } from "./run-state.ts";
import { takeStarts } from "./starts.ts";

function name(text: string): TaskName {
  if (!isTaskName(text)) throw new Error(`not a task name: ${text}`);
  return text;
}

/** `{ b: "a" }` draws a → b; every task is a pod with these fields. */
function graph(edges: Record<string, string>, spec: SpecFields = {}): Graph {
  const dag = "d";
  if (!isDagName(dag)) throw new Error(dag);
  const tasks = Object.entries(edges).map(([task, after]) => ({
    kind: "pod" as const,
    name: name(task),
    after: after === "" ? [] : [name(after)],
    spec,
  }));
  return graphOf({ dag, version: "", params: {}, defaults: {}, tasks });
}

const OK: Outcome = { kind: "succeeded", message: "succeeded" };
const EXIT3: Outcome = { kind: "exit", exitCode: 3, message: "exit code 3" };

test("run state - outputs are the last attempt's; of a skipped task its defaults; a failure keeps what fits", () => {
  const dag = graph(
    { a: "", skip: "", bad: "", below: "skip" },
    {
      retries: { limit: 1 },
      exitCodes: { skip: [99] },
      outputs: { rows: { type: "integer", default: 0 }, name: { type: "string" } },
    },
  );
  const { state } = beginRun(dag, "seed");
  const ended = (task: string, attempt: number, outcome: Outcome, outputs?: JsonObject) => {
    takeStarts(dag, state);
    apply(dag, state, { kind: "ended", task: name(task), attempt, outcome, ...(outputs && { outputs }) });
    apply(dag, state, { kind: "due", task: name(task) });
  };
  ended("a", 1, EXIT3, { rows: 1 });
  ended("a", 2, OK, { rows: 2, name: "x" });
  ended("skip", 1, { kind: "exit", exitCode: 99, message: "exit code 99" }, { rows: 3 });
  ended("bad", 1, EXIT3);
  ended("bad", 2, EXIT3, { rows: 4 });
  const { tasks } = reportOf(dag, state, true);
  expect(Object.fromEntries(Object.entries(tasks).map(([task, { outputs }]) => [task, outputs]))).toEqual({
    a: { rows: 2, name: "x" },
    skip: { rows: 0, name: null },
    bad: { rows: 4 },
    below: { rows: 0, name: null },
  });
});

test("run state - outputs of all tasks together are bounded: what has no place fails its task, or is dropped with a failure", () => {
  const dag = graph({ a: "", b: "", c: "", d: "" });
  const { state } = beginRun(dag, "seed");
  takeStarts(dag, state);
  const large = { text: "x".repeat(300_000) };
  const ended = (task: string, outcome: Outcome) =>
    apply(dag, state, { kind: "ended", task: name(task), attempt: 1, outcome, outputs: large });
  for (const task of ["a", "b", "c"]) ended(task, OK);
  ended("d", EXIT3);
  expect(state.outputBytes).toBeLessThanOrEqual(786_432);
  const { tasks } = reportOf(dag, state, true);
  expect(tasks.b).toMatchObject({ state: "succeeded", outputs: large });
  expect(tasks.c).toEqual({
    state: "failed",
    attempts: 1,
    kind: "output",
    message: "the outputs of all tasks of the run together are larger than 768 KB",
  });
  expect(tasks.d).toEqual({ state: "failed", attempts: 1, kind: "exit", message: "exit code 3" });
});
