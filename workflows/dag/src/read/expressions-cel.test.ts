import { expect, test } from "vitest";
import { expressionInput } from "../expression-input.ts";
import { graphOf } from "../graph.ts";
import type { Json, JsonObject } from "../json.ts";
import { taskSpec } from "../merge.ts";
import { apply, beginRun } from "../run-state.ts";
import { takeStarts } from "../starts.ts";
import { evaluate, type Evaluated } from "../cel/evaluate.ts";
import { compileDag } from "./compile.ts";
import { readDagJson } from "./dag-file.ts";
import { told } from "./compiled-task.ts";
import { renderSpec, sourcesOf } from "./render-spec.ts";

const RUN = {
  id: "r1",
  logicalDate: "2026-07-02T22:30:00Z",
  url: "https://ui/r1",
  store: "s3://lake",
  answer: (source: string, variables: JsonObject): Evaluated => evaluate("task", source, variables),
};
const params = {
  n: 3,
  half: 0.5,
  s: "x",
  regions: ["eu", "us"],
  any: { type: "object", default: { a: { b: 1 } } },
  dry_run: false,
};

/** The texts of a task that starts with the run. */
function atStart(args: readonly string[]): Json | string {
  const read = readDagJson({ dag: "d", params, tasks: { a: { image: "x", args } } });
  const compiled = read.kind === "ok" ? compileDag(read.value, {}, undefined, RUN) : read;
  if (compiled.kind === "refused") return told(compiled);
  const [task] = compiled.value.tasks;
  return task?.kind === "pod" ? (taskSpec(compiled.value, task).container["args"] ?? null) : null;
}

test.each([
  ["${{ params.n + 1 }}", "4"],
  ["${{ params.n * params.half }}", "1.5"],
  ["${{ params.n / 2 }}", "1"],
  ["${{ params.n % 2 == 1 ? 'odd' : 'even' }}", "odd"],
  ["${{ [1, 'a', params.n] }}", '[1,"a",3]'],
  ["${{ {'region': params.s, 'n': params.n} }}", '{"region":"x","n":3}'],
  ["${{ json(params.regions) }}", '["eu","us"]'],
  ["${{ params.regions.map(r, r + '!') }}", '["eu!","us!"]'],
  ["${{ size(params.regions) }} of ${{ sum(range(4)) }}", "2 of 6"],
  ["${{ params.any.a.b + 1 }}", "2"],
  ["${{ ds }} ${{ ds_nodash }} ${{ ts }}", "2026-07-02 20260702 2026-07-02T22:30:00Z"],
  ["${{ ds(data_interval_start - duration('24h')) }}", "2026-07-01"],
  ["${{ strftime(logical_date, '%Y/%m/%d %H:%M %j') }}", "2026/07/02 22:30 183"],
  ["${{ string(logical_date) }} ${{ logical_date }}", "2026-07-02T22:30:00Z 2026-07-02T22:30:00Z"],
  [
    "${{ dates(timestamp('2026-02-27T00:00:00Z'), timestamp('2026-03-02T00:00:00Z')) }}",
    '["2026-02-27","2026-02-28","2026-03-01"]',
  ],
  ["${{ min(params.n, 2) }} ${{ max([1, 2.5]) }} ${{ sort([3, 1, 2]) }}", "2 2.5 [1,2,3]"],
  ["${{ flatten([[1], [2, 3]]) }} ${{ 'a-b'.replace('-', '_') }}", "[1,2,3] a_b"],
  ["${{ run.dag }}/${{ run.id }} ${{ run.type }}", "d/r1 manual"],
  ["${{ run.version.size() }} ${{ run.url }} ${{ run.store }}/x", "64 https://ui/r1 s3://lake/x"],
  [
    "${{ json(run).size() > 80 }} ${{ params.n >= 2.5 && params.half < 1 && params.n == 3.0 && 0.5 == params.half && params.half != 1 }}",
    "true true",
  ],
  ["${{ params.half + 1 }} ${{ 1 - params.half }} ${{ 3 / params.half }} ${{ -params.n }}", "1.5 0.5 6 -3"],
  ["${{ replace('a-b', '-', '_') }} ${{ max(params.n, 2) }} ${{ min(params.regions) }}", "a_b 3 eu"],
  ["$${{ params.n }} ${{ params.s }}", "${{ params.n }} x"],
  ["${{ 3.0 }} ${{ true }}", "3 true"],
])("expressions - %s is evaluated when the run starts", (text, value) => {
  expect(atStart([text])).toEqual([value]);
});

test.each([
  ["${{ params.n / 0 }}", "`${{ params.n / 0 }}` has no value: division by zero"],
  ["${{ params.any.nothing }}", "has no value: No such key: nothing"],
  ["a${{ null }}", "is null, which has no text"],
  ["${{ range(10001) }}", "range takes a number from 0 to 10000"],
  ["${{ strftime(logical_date, '%Q') }}", "strftime has no %Q"],
  ["${{ sum(params.regions) }}", "sum takes a list of numbers"],
])("expressions - %s fails the start", (text, why) => {
  expect(atStart([text])).toContain(why);
});

/** What a newcomer writes first, and the text that helps on. `b` waits for `my-task`; `other` stands beside it. */
test.each([
  ["${{ tasks.my-task.outputs.rows }}", '`tasks.my-task` reads as a subtraction -> write `tasks["my-task"]`'],
  ["${{ params.dry-run }}", "`params.dry-run` reads as a subtraction -> names of params have `_`, no `-`"],
  ["${{ params.s = 'x' }}", "-> equality is `==`"],
  ["${{ params.dry_run and true }}", "-> write `&&` for and, `||` for or, `!` for not"],
  ["${{ params.pythn }}", "the param `pythn` is not declared -> declare it"],
  ["${{ params.region + 'x' }}", "the param `region` is not declared -> did you mean `params.regions`?"],
  ["${{ n + 1 }}", "there is no `n` in expressions -> did you mean `params.n`?"],
  ["${{ params.s == eu }}", 'there is no `eu` in expressions -> text stands in quotes: `"eu"`'],
  ["${{ tasks.mytask.state }}", "there is no task `mytask` -> did you mean `my-task`?"],
  ["${{ tasks.other.state }}", "`b` does not wait for `other` -> add it: `after: other`"],
  ["${{ tasks.b.state }}", "the task `b` cannot name itself"],
  ['${{ tasks["my-task"].outputs.row }}', "the task `my-task` has no output `row` -> did you mean `rows`?"],
  ['${{ tasks["my-task"].rows }}', "a task has no field `rows` -> write `outputs.rows`"],
  ['${{ tasks["my-task"].outputs.rows + "x" }}', "a whole number + text is not defined"],
  ["${{ params.n + 'x' }}", "a whole number + text is not defined -> compare like with like"],
  ["${{ lower(params.s) }}", "there is no function `lower(text)` -> functions are CEL's and"],
  ["${{ strftim(logical_date, '%Y') }}", "-> did you mean `strftime()`?"],
  [
    "${{ run.state }}",
    "`run.state` is known under the DAG's `finally` alone, when all `tasks` have ended -> move the task there",
  ],
  ['${{ json(run["failures"]) }}', "`run.failures` is known under the DAG's `finally` alone"],
  ['${{ tasks["my-task"].state == "Failed" }}', "no state is called `Failed` -> did you mean `failed`?"],
  [
    '${{ tasks["my-task"].state in ["error", "failed"] }}',
    "no state is called `error` -> states are succeeded, failed",
  ],
  ["${{ run.stat }}", "`run` has no field `stat` -> did you mean `run.state`?"],
  ["${{ ds(logical_date - duration('1d')) }}", '-> write `duration("24h")`'],
  ["${{ run.name }}", "`run` has no field `name`"],
  ["${{ item }}", "there is no `item` in expressions -> a task with `forEach` has `item` and `index`"],
  ["${{ outcome.kind }}", "it is known in `retries.if` alone"],
  ["${{ params.dry_run ? 1 : 'x' }}", "the two sides of `? :` are not of one type"],
  ["${{ params.n ? 1 : 2 }}", "what stands before `?` is not true or false"],
  ["${{ size(tasks) }}", "`tasks` needs the name of a task"],
  ["${{ {{ params.n }} }}", "is not CEL"],
])("expressions - a slip: %s", (text, complaint) => {
  expect(problemsIn({ image: "x", after: "my-task", args: [text] })).toContain(complaint);
});

test.each(["{{ params.s }}", "a {{ ds }}", "{{workflow.parameters.x}}", "${ params.s }", "$(params.s)"])(
  "expressions - %s is another tool's, and warned of",
  (text) => {
    const read = readDagJson({ dag: "d", params, tasks: { a: { image: "x", args: [text] } } });
    expect(read.kind === "ok" ? read.warnings : []).toMatchObject([{ fix: "expressions are `${{ … }}`" }]);
  },
);

test("expressions - a `? :` without quotes is a map in YAML, and lint says so", () => {
  const read = readDagJson({
    dag: "d",
    tasks: { a: { image: "x", args: [{ "echo ${{ ds == 'x' ? 'b'": "'c' }}" }] } },
  });
  expect(read.kind === "refused" && read.problems[0]?.fix).toBe(
    "put the whole value in quotes: it holds a `: `, which begins a map in YAML",
  );
});

test("expressions - what the run's start decides cannot wait for a task; the defaults can name none", () => {
  const late = { image: "x", after: "my-task", namespace: "${{ tasks['my-task'].state }}" };
  expect(problemsIn(late)).toContain("is known only when the task starts, and this is decided when the run does");
  const defaults = { env: { A: "${{ tasks.a.state }}" } };
  const read = readDagJson({ dag: "d", defaults, tasks: { a: { image: "x" } } });
  expect(told(read)).toContain("no task can be named here");
});

function problemsIn(b: JsonObject): string {
  const outputs = { rows: { type: "integer" } };
  const tasks = { "my-task": { image: "x", outputs }, other: { noop: {} }, b };
  const read = readDagJson({ dag: "d", params, tasks });
  return read.kind === "ok" ? "ok" : read.problems.map(({ what, fix }) => `${what} -> ${fix}`).join("\n");
}

/** The spec of `b`, rendered before its attempt, after `a` has ended. */
function beforeAttempt(b: JsonObject, outputs: JsonObject = { rows: 3, list: ["p", "q"], image: "Bad:1" }) {
  const declared = {
    rows: { type: "integer" },
    list: { type: "array" },
    image: { type: "string" },
    none: { type: "string" },
  };
  const tasks = { a: { image: "x", outputs: declared }, b: { image: "x", after: "a", ...b } };
  const read = readDagJson({ dag: "d", params, tasks });
  const compiled = read.kind === "ok" ? compileDag(read.value, {}, undefined, RUN) : read;
  if (compiled.kind === "refused") return told(compiled);
  const graph = graphOf(compiled.value);
  const { state } = beginRun(graph, "seed");
  for (const { task, attempt } of takeStarts(graph, state))
    apply(graph, state, { kind: "ended", task, attempt, outcome: { kind: "succeeded", message: "ok" }, outputs });
  const [start] = takeStarts(graph, state);
  const task = compiled.value.tasks[1];
  if (task?.kind !== "pod" || task.needs === undefined || start === undefined) return "nothing is left to evaluate";
  const context = { id: "r1", dag: "d", version: "v", logicalDate: RUN.logicalDate };
  const variables = expressionInput(graph, state, { context, params: compiled.value.params }, task.needs, start);
  if (variables === undefined) return "too large";
  const spec = taskSpec(compiled.value, task);
  const rendered = renderSpec(spec, new Map(sourcesOf(spec).map((each) => [each, evaluate("task", each, variables)])));
  return rendered.kind === "ok" ? rendered.spec : rendered.outcome;
}

test("expressions - what names a task is evaluated before its attempt: typed where whole, text where Kubernetes wants text", () => {
  const task = {
    args: ["${{ tasks.a.outputs.rows }}", "${{ params.s }}-${{ tasks.a.outputs.list }}", "$${{ x }}", "${{ attempt }}"],
    env: { LIST: "${{ tasks.a.outputs.list }}", STATE: "${{ tasks.a.state }}", FIRST: "${{ previous == null }}" },
    resources: { limits: { cpu: "${{ tasks.a.outputs.rows }}" } },
    pod: { priority: "${{ tasks.a.outputs.rows + 1 }}", terminationGracePeriodSeconds: 5 },
    metadata: {
      labels: { rows: "${{ tasks.a.outputs.rows }}" },
      annotations: { n: "${{ tasks.a.outputs.none == null }}" },
    },
  };
  expect(beforeAttempt(task)).toMatchObject({
    container: {
      args: ["3", 'x-["p","q"]', "${{ x }}", "1"],
      env: [
        { name: "LIST", value: '["p","q"]' },
        { name: "STATE", value: "succeeded" },
        { name: "FIRST", value: "true" },
      ],
      resources: { limits: { cpu: 3 } },
    },
    pod: { priority: 4, terminationGracePeriodSeconds: 5 },
    metadata: { labels: { rows: "3" }, annotations: { n: "true" } },
  });
});

test("expressions - a whole list is the args; one that is none is the outcome", () => {
  expect(beforeAttempt({ args: "${{ tasks.a.outputs.list }}" })).toMatchObject({ container: { args: ["p", "q"] } });
  expect(beforeAttempt({ args: "${{ tasks.a.outputs.rows }}" })).toMatchObject({ kind: "expression" });
});

test.each([
  [
    { args: ["${{ tasks.a.outputs.rows / 0 }}"] },
    { kind: "expression", message: "${{ tasks.a.outputs.rows / 0 }}: division by zero" },
  ],
  [{ args: ["a${{ tasks.a.outputs.none }}"] }, { kind: "expression" }],
  [{ image: "${{ tasks.a.outputs.image }}" }, { kind: "image", image: "Bad:1", neverStarted: true }],
  [
    { metadata: { labels: { l: "${{ tasks.a.outputs.list }}" } } },
    { kind: "expression", message: "the value of a label is not one that Kubernetes takes" },
  ],
])("expressions - %j ends the attempt without a pod", (task, outcome) => {
  expect(beforeAttempt(task)).toMatchObject(outcome);
});

test("expressions - a value is never read as an expression, and what is named has a bound", () => {
  const task = { args: ["${{ tasks.a.outputs.image }}", "-${{ tasks.a.outputs.image }}-"] };
  expect(beforeAttempt(task, { image: "$${{ params.s }}" })).toMatchObject({
    container: { args: ["$${{ params.s }}", "-$${{ params.s }}-"] },
  });
  expect(beforeAttempt(task, { image: "x".repeat(70_000) })).toBe("too large");
});
