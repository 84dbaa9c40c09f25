import { expect, test } from "vitest";
import { evaluate } from "../cel/evaluate.ts";
import { expressionInput } from "../expression-input.ts";
import { graphOf } from "../graph.ts";
import type { Json, JsonObject } from "../json.ts";
import { apply, beginRun } from "../run-state.ts";
import { takeStarts } from "../starts.ts";
import { compileDag } from "./compile.ts";
import { told } from "./compiled-task.ts";
import { readDagJson } from "./dag-file.ts";
import { concludeOutputs, sourcesOfOutputs } from "./dag-outputs.ts";

const tasks = {
  a: { image: "x", outputs: { rows: { type: "integer" }, list: { type: "array" } } },
  b: { noop: {} },
};

function read(outputs: JsonObject) {
  return readDagJson({ dag: "d", params: { n: 2 }, tasks, outputs });
}

/** What a run gives whose task `a` has handed on 3 rows. */
function concluded(outputs: JsonObject): Json | string {
  const document = read(outputs);
  const compiled = document.kind === "ok" ? compileDag(document.value, {}) : document;
  if (compiled.kind === "refused") return told(compiled);
  const declared = compiled.value.outputs;
  if (declared === undefined) return "no outputs";
  const graph = graphOf(compiled.value);
  const { state } = beginRun(graph, "seed");
  const outcome = { kind: "succeeded", message: "ok" } as const;
  for (const { task, attempt } of takeStarts(graph, state))
    apply(graph, state, { kind: "ended", task, attempt, outcome, outputs: { rows: 3, list: ["p"] } });
  const context = { id: "r1", dag: "d", version: "v", logicalDate: "2026-07-02T22:30:00Z" };
  const variables = expressionInput(graph, state, { context, params: { n: 2 } }, declared.needs);
  if (variables === undefined) return "too large";
  const answers = sourcesOfOutputs(declared).map((each) => [each, evaluate("task", each, variables)] as const);
  return { ...concludeOutputs(declared, new Map(answers)) };
}

test("dag outputs - whole expressions keep their type, others are text; any task may be named", () => {
  const outputs = {
    rows: { value: "${{ tasks.a.outputs.rows * params.n }}", schema: { type: "integer" } },
    all: { value: { list: "${{ tasks.a.outputs.list }}", at: "day ${{ ds }}", b: "${{ tasks.b.state }}", n: 1 } },
    literal: { value: "$${{ x }}" },
  };
  expect(concluded(outputs)).toEqual({
    kind: "values",
    values: { rows: 6, all: { list: ["p"], at: "day 2026-07-02", b: "succeeded", n: 1 }, literal: "${{ x }}" },
  });
});

test.each([
  [{ value: "${{ tasks.a.outputs.rows / 0 }}" }, "has no value: division by zero"],
  [{ value: "${{ tasks.a.outputs.rows }}", schema: { type: "string" } }, "o must be text, not a number"],
  [
    { value: "${{ range(10000).map(n, 'x'.replace('x', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx')) }}" },
    "together they are larger than 256 KB",
  ],
])("dag outputs - %j breaks the run's end", (output, why) => {
  const end = concluded({ o: output });
  expect(end).toMatchObject({ kind: "broken", why: expect.stringContaining(why) });
});

test.each([
  [{ "my-out": { value: 1 } }, "`my-out` is not a name for an output"],
  [{ o: { schema: { type: "string" } } }, "`value` is missing"],
  [{ o: { value: "${{ tasks.zz.state }}" } }, "there is no task `zz`"],
  [{ o: { value: "${{ tasks.a.outputs.row }}" } }, "did you mean `rows`?"],
  [{ o: { value: "${{ attempt }}" } }, "there is no `attempt` here"],
  [{ o: { value: 1, schema: { typ: "string" } } }, "`typ` is not a keyword of JSON Schema"],
])("dag outputs - %j is refused", (outputs, what) => {
  expect(told(read(outputs))).toContain(what);
});
