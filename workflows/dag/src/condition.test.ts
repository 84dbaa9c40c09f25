import { expect, test } from "vitest";
import { graphOf } from "./graph.ts";
import type { JsonObject } from "./json.ts";
import { compileDag } from "./read/compile.ts";
import { told } from "./read/compiled-task.ts";
import { readDagJson } from "./read/dag-file.ts";
import { rehearse } from "./rehearse.ts";
import { taskReport } from "./report.ts";
import { apply, beginRun, isSettled } from "./run-state.ts";
import { inFlight, takeStarts } from "./starts.ts";
import type { Answer, Change } from "./task-state.ts";
import { verdict } from "./verdict.ts";

const params = { full: true, n: 3 };

function compiledFrom(tasks: JsonObject) {
  const read = readDagJson({ dag: "d", params, tasks });
  const compiled = read.kind === "ok" ? compileDag(read.value, {}) : read;
  if (compiled.kind === "refused") throw new Error(told(compiled));
  return compiled.value;
}

function begun(tasks: JsonObject) {
  const compiled = compiledFrom(tasks);
  const graph = graphOf(compiled);
  const { state, effects } = beginRun(graph, "seed");
  const [only] = effects.asks;
  const say = (answer: Answer, task = only): ReturnType<typeof apply> => {
    if (task === undefined) throw new Error("nobody is asked");
    const change: Change = { kind: "answered", task, answer };
    return apply(graph, state, change);
  };
  const states = () =>
    Object.fromEntries([...graph.keys()].map((name) => [name, taskReport(graph, state, name).state]));
  return { graph, state, effects, say, states };
}

test("if - it is asked once the upstreams let the task begin, and not before", () => {
  const { graph, state, effects, say } = begun({
    a: { image: "x" },
    b: { image: "x", after: "a", if: "params.full" },
    c: { image: "x", if: "params.n == 3" },
  });
  expect(effects.asks).toEqual(["c"]);
  expect(takeStarts(graph, state).map(({ task }) => task)).toEqual(["a"]);
  expect(say({ kind: "yes" }).asks).toEqual([]);
  expect(takeStarts(graph, state).map(({ task }) => task)).toEqual(["c"]);
  const [a] = [...graph.keys()];
  if (a === undefined) throw new Error("no task");
  const outcome = { kind: "succeeded", message: "ok" } as const;
  expect(apply(graph, state, { kind: "ended", task: a, attempt: 1, outcome }).asks).toEqual(["b"]);
});

test.each([
  [{ kind: "yes" }, { a: "succeeded", b: "succeeded" }, {}],
  [{ kind: "no" }, { a: "skipped", b: "skipped" }, { reason: "its `if` is false", attempts: 0 }],
  [
    { kind: "broken", why: "division by zero" },
    { a: "failed", b: "upstream_failed" },
    { kind: "expression", message: "if: division by zero", attempts: 0 },
  ],
] as const)("if - the answer %j decides about a noop and what waits for it", (answer, states, report) => {
  const run = begun({ a: { noop: {}, if: "params.full" }, b: { noop: {}, after: "a" } });
  run.say(answer);
  expect(run.states()).toEqual(states);
  expect(taskReport(run.graph, run.state, "a")).toMatchObject(report);
  expect(isSettled(run.state)).toBe(true);
  expect(verdict(run.graph, run.state)).toBe(answer.kind === "broken" ? "failed" : "succeeded");
});

test("if - a second answer changes nothing; one after a cancel neither", () => {
  const run = begun({ a: { image: "x", if: "params.full" } });
  run.say({ kind: "yes" });
  run.say({ kind: "no" });
  expect(run.states()).toEqual({ a: "waiting" });
  const cancelled = begun({ a: { image: "x", if: "params.full" } });
  apply(cancelled.graph, cancelled.state, { kind: "cancel", reason: "enough" });
  cancelled.say({ kind: "yes" });
  expect(cancelled.states()).toEqual({ a: "skipped" });
  expect(takeStarts(cancelled.graph, cancelled.state)).toEqual([]);
});

test("if - a run that goes on in another history asks again what was not answered", () => {
  const run = begun({ a: { image: "x", if: "params.full" }, b: { image: "x" } });
  takeStarts(run.graph, run.state);
  expect(inFlight(run.graph, JSON.parse(JSON.stringify(run.state)))).toMatchObject({
    asks: ["a"],
    starts: [{ task: "b", attempt: 1 }],
  });
});

test("if - the compiled task names what its condition needs", () => {
  const tasks = {
    a: { noop: {} },
    b: { noop: {}, after: "a", rule: "all_done", if: 'params.full && tasks.a.state == "failed"' },
  };
  expect(compiledFrom(tasks).tasks[1]).toMatchObject({
    if: { source: 'params.full && tasks.a.state == "failed"', needs: { tasks: ["a"], params: {} } },
  });
  expect(compiledFrom({ a: { noop: {}, if: false } }).tasks[0]).toMatchObject({ if: { source: "false" } });
});

test.each([
  ["${{ params.full }}", "`${{ }}` has no place in a condition -> write the expression bare"],
  ["", "the condition is empty"],
  ["params.n", "the condition gives a whole number, not true or false -> compare it"],
  ["params.n = 3", "-> equality is `==`"],
  ["params.full and true", "-> write `&&` for and"],
  ["params.ful", "did you mean `params.full`?"],
  ["attempt > 1", "there is no `attempt` here: it belongs to one try of a task"],
  ["tasks.c.state == 'failed'", "`b` does not wait for `c` -> add it: `after: c`"],
  ["tasks.my-task.state == 'failed'", '-> write `tasks["my-task"]`'],
])("if - a slip: %s", (condition, complaint) => {
  const tasks = { "my-task": { noop: {} }, c: { noop: {} }, b: { noop: {}, after: "my-task", if: condition } };
  const read = readDagJson({ dag: "d", params, tasks });
  expect(read.kind === "ok" ? "ok" : read.problems.map(({ what, fix }) => `${what} -> ${fix}`).join("\n")).toContain(
    complaint,
  );
});

test("if - a rehearsal takes every condition for true, and skips what it is told to skip", () => {
  const tasks = {
    a: { noop: {}, if: "params.full" },
    b: { image: "x", if: "params.full" },
    c: { noop: {}, after: ["a", "b"] },
  };
  const graph = graphOf(compiledFrom(tasks));
  const [, b] = [...graph.keys()];
  if (b === undefined) throw new Error("no task");
  expect(rehearse(graph, new Map()).tasks).toMatchObject({ c: { kind: "succeeded" } });
  expect(rehearse(graph, new Map([[b, "skipped"]])).tasks).toMatchObject({
    b: { kind: "skipped" },
    c: { kind: "skipped" },
  });
});
