/** `run.state` and `run.failures`: what stands under the DAG's `finally` knows of the tasks. */
import { expect, test } from "vitest";
import { evaluate } from "./cel/evaluate.ts";
import { expressionInput } from "./expression-input.ts";
import { graphOf } from "./graph.ts";
import type { JsonObject } from "./json.ts";
import type { Outcome } from "./outcome.ts";
import { compileDag } from "./read/compile.ts";
import { told } from "./read/compiled-task.ts";
import { readDagJson } from "./read/dag-file.ts";
import { apply, beginRun } from "./run-state.ts";
import { takeStarts } from "./starts.ts";
import { isTaskName } from "./ids.ts";
import { soFar } from "./so-far.ts";
import { list, Spread } from "./testing/spread.ts";

const pod = { image: "x" };
const CONTEXT = { id: "r1", dag: "d", version: "v", logicalDate: "2026-07-02T22:30:00Z" };
const OK: Outcome = { kind: "succeeded", message: "succeeded" };
const exit = (exitCode: number): Outcome => ({ kind: "exit", exitCode, message: `exit code ${exitCode}` });

/** What an expression of `report` gives when it starts; `ends`: how tasks end, one after the other. */
function inFinally(source: string, tasks: JsonObject, ends: Record<string, Outcome>, more: JsonObject = {}) {
  const report = { ...pod, args: [`\${{ ${source} }}`] };
  const read = readDagJson({ dag: "d", ...more, tasks, finally: { report } });
  const compiled = read.kind === "ok" ? compileDag(read.value, {}) : read;
  if (compiled.kind === "refused") throw new Error(told(compiled));
  const graph = graphOf(compiled.value);
  const { state } = beginRun(graph, "seed");
  for (const [task, outcome] of Object.entries(ends)) {
    takeStarts(graph, state);
    if (!isTaskName(task)) throw new Error(task);
    apply(graph, state, { kind: "ended", task, attempt: 1, outcome });
  }
  expect(takeStarts(graph, state)).toMatchObject([{ task: "report", attempt: 1 }]);
  const compiledReport = compiled.value.tasks.find(({ name }) => name === "report");
  if (compiledReport?.kind !== "pod" || compiledReport.needs === undefined) throw new Error("it needs nothing");
  const run = { context: CONTEXT, params: {} };
  const variables = expressionInput(graph, state, run, compiledReport.needs);
  return evaluate("task", source, variables ?? {});
}

const FAILURE = { task: "b", index: null, kind: "exit", message: "exit code 3", exitCode: 3 };

test("run.state - green, red, and red by a leaf behind the failure", () => {
  const tasks = { a: pod, b: { ...pod, after: "a" }, c: { ...pod, after: "b" } };
  expect(inFinally("run.state", tasks, { a: OK, b: OK, c: OK })).toEqual({ kind: "value", value: "succeeded" });
  expect(inFinally("run.state", tasks, { a: OK, b: exit(3) })).toEqual({ kind: "value", value: "failed" });
  const mended = { b: pod, c: { ...pod, after: { b: "failed" } } };
  expect(inFinally("run.state", mended, { b: exit(3), c: OK })).toEqual({ kind: "value", value: "succeeded" });
});

test("run.failures - the first cause first; what only did not run is not in it", () => {
  const tasks = { a: pod, b: pod, c: { ...pod, after: "b" } };
  const ends = { b: exit(3), a: { kind: "timeout", which: "attempt", message: "too long" } as const };
  const second = { task: "a", index: null, kind: "timeout", message: "too long", exitCode: null };
  expect(inFinally("run.failures", tasks, ends)).toEqual({ kind: "value", value: [FAILURE, second] });
  const one = inFinally("run.failures.exists(f, f.exitCode == 3 && f.index == null)", tasks, ends);
  expect(one).toEqual({ kind: "value", value: true });
});

test("run.failures - a group's cleanup that failed is one; the group itself is an effect", () => {
  const group = { tasks: { b: pod }, finally: { down: pod } };
  const ends = { "g.b": OK, "g.down": exit(4) };
  expect(inFinally("run.failures.map(f, f.task)", { g: group }, ends)).toEqual({ kind: "value", value: ["g.down"] });
  expect(inFinally("run.state", { g: group }, ends)).toEqual({ kind: "value", value: "failed" });
});

test("run.failures - of a task with items each that failed, by position", () => {
  const run = new Spread().over(list(1, 2, 3));
  run.start();
  for (const [index, outcome] of [exit(5), OK, exit(3)].entries()) run.end(`load[${index}]`, outcome);
  expect(soFar(run.graph, run.state)).toMatchObject({
    state: "failed",
    failures: [
      { task: "load", index: 0, exitCode: 5 },
      { task: "load", index: 2, exitCode: 3 },
    ],
  });
});

test("run.failures - a thousand failures are told as far as 16 KB go, the first cause among them", () => {
  const names = Array.from({ length: 1_000 }, (_, i) => `t${i}`);
  const tasks = Object.fromEntries(names.map((name) => [name, pod]));
  const bad: Outcome = { kind: "exit", exitCode: 1, message: "é".repeat(1_000) };
  const told = inFinally("run.failures", tasks, Object.fromEntries(names.map((name) => [name, bad])), {
    parallelism: 1_000,
  });
  const failures: unknown = told.kind === "value" ? told.value : [];
  expect(Array.isArray(failures) && failures.length).toBe(18);
  expect(failures).toHaveProperty("0.task", "t0");
  expect(Buffer.byteLength(JSON.stringify(failures))).toBeLessThanOrEqual(16_384);
});

const problems = (dag: JsonObject): string => told(readDagJson({ dag: "d", tasks: { a: pod }, ...dag }));

test("run.state - only under the DAG's finally, where nothing races: in tasks, conditions, groups and templates it is refused", () => {
  const state = { ...pod, args: ["${{ run.state }}"] };
  const early = "`run.state` is known under the DAG's `finally` alone";
  expect(problems({ finally: { r: state, g: { tasks: { r: state } } } })).toBe("ok");
  expect(problems({ finally: { r: { ...pod, if: 'run.state == "failed"' } } })).toBe("ok");
  expect(problems({ tasks: { a: { ...pod, if: 'run.state == "failed"' } } })).toContain(early);
  expect(problems({ tasks: { g: { tasks: { a: pod }, finally: { r: state } } } })).toContain(early);
  expect(problems({ defaults: state, finally: { r: pod } })).toContain(early);
  expect(problems({ templates: { t: state } })).toContain(early);
  expect(problems({ outputs: { state: { value: "${{ run.state }}" } } })).toContain(early);
  expect(problems({ finally: { r: { ...pod, namespace: "${{ run.state }}" } } })).toContain(
    "known only when the task starts",
  );
});

test("run.state - a template takes it over from `with`", () => {
  const templates = { say: { ...pod, params: { what: { type: "string" } }, args: ["${{ params.what }}"] } };
  expect(problems({ templates, finally: { r: { use: "say", with: { what: "${{ run.state }}" } } } })).toBe("ok");
});
