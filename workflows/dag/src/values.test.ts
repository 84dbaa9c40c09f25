import { expect, test } from "vitest";
import { evaluate } from "./cel/evaluate.ts";
import type { CompiledOutputs } from "./compiled.ts";
import { expressionInput } from "./expression-input.ts";
import { graphOf } from "./graph.ts";
import type { JsonObject } from "./json.ts";
import { concludeOutputs, sourcesOfOutputs } from "./read/dag-outputs.ts";
import { told } from "./read/compiled-task.ts";
import { readDagJson } from "./read/dag-file.ts";
import { rehearse } from "./rehearse.ts";
import { taskReport } from "./report.ts";
import { apply, beginRun, isSettled } from "./run-state.ts";
import { inFlight, takeStarts } from "./starts.ts";
import type { Effects, Given } from "./task-state.ts";
import { asControl, EXIT3, name, OK } from "./testing/played.ts";
import { compiledDag, listOf } from "./testing/spread.ts";
import { control } from "./controls.ts";
import { refusal } from "./refusal.ts";
import { type Unit, unitKey } from "./units.ts";

/** A run that its test drives: pods hand on their name, values are evaluated as they are asked for. */
class Values {
  readonly compiled;
  readonly graph;
  readonly state;
  #asked: Unit[] = [];

  constructor(tasks: JsonObject) {
    this.compiled = compiledDag({ params: { n: 3 }, tasks });
    this.graph = graphOf(this.compiled);
    const { state, effects } = beginRun(this.graph, "seed");
    this.state = state;
    this.fold(effects);
  }

  fold({ gives }: Effects): void {
    this.#asked.push(...gives);
  }

  /** Of what is asked for. */
  get asked(): string[] {
    return this.#asked.map(unitKey);
  }

  end(task: string, outcome = OK, outputs?: JsonObject): void {
    takeStarts(this.graph, this.state);
    const now = this.state.tasks[task];
    const attempt = now?.kind === "running" ? now.attempt : 0;
    const change = { kind: "ended", task: name(task), attempt, outcome, ...(outputs && { outputs }) } as const;
    this.fold(apply(this.graph, this.state, change));
  }

  answer(): this {
    for (const unit of this.#asked.splice(0)) {
      const task = this.compiled.tasks.find((each) => each.name === unit.task);
      const outputs = task?.kind === "noop" || task?.kind === "group" ? task.outputs : undefined;
      if (outputs === undefined) throw new Error(`${unit.task} gives nothing`);
      this.fold(apply(this.graph, this.state, { kind: "given", ...unit, given: this.#given(outputs, unit) }));
    }
    return this;
  }

  #given(outputs: CompiledOutputs, unit: Unit): Given {
    const context = { id: "r", dag: "d", version: "v", logicalDate: "2026-11-26T00:00:00Z" };
    const { params } = this.compiled;
    const variables = expressionInput(this.graph, this.state, { context, params }, outputs.needs, unit) ?? {};
    const sources = sourcesOfOutputs(outputs);
    return concludeOutputs(outputs, new Map(sources.map((source) => [source, evaluate("task", source, variables)])));
  }

  report(task: string) {
    return taskReport(this.graph, this.state, task);
  }
}

const sum = { total: { value: "${{ tasks.a.outputs.rows + params.n }}", type: "integer" } };
const a = { image: "x", outputs: { rows: { type: "integer", default: 1 } } };

test("outputs - a noop hands on what it names; what comes after waits for it", () => {
  const run = new Values({ a, n: { noop: {}, after: "a", outputs: sum }, next: { image: "x", after: "n" } });
  run.end("a", OK, { rows: 4 });
  expect([run.report("n").state, run.asked]).toEqual(["running", ["n"]]);
  expect(takeStarts(run.graph, run.state)).toEqual([]);
  run.answer();
  expect(run.report("n")).toEqual({ state: "succeeded", attempts: 0, outputs: { total: 7 } });
  expect(takeStarts(run.graph, run.state).map(({ task }) => task)).toEqual(["next"]);
});

test("outputs - a group hands on what its tasks gave, read from outside", () => {
  const g = { tasks: { a, b: { image: "x", after: "a" } }, outputs: sum };
  const n = { noop: {}, after: "g", outputs: { twice: { value: "${{ tasks.g.outputs.total * 2 }}" } } };
  const run = new Values({ g, n });
  run.end("g.a", OK, { rows: 1 });
  expect(run.asked).toEqual([]);
  run.end("g.b");
  expect([run.report("g").state, run.asked]).toEqual(["running", ["g"]]);
  run.answer().answer();
  expect([run.report("g").outputs, run.report("n").outputs]).toEqual([{ total: 4 }, { twice: 8 }]);
  expect(isSettled(run.state)).toBe(true);
});

test("outputs - a group that failed, or was skipped, is not asked; skipped it has its defaults", () => {
  const failed = new Values({ g: { tasks: { a }, outputs: sum } });
  failed.end("g.a", EXIT3);
  expect([failed.report("g").state, failed.asked]).toEqual(["failed", []]);
  const outputs = { total: { ...sum.total, default: 9 } };
  const skipped = new Values({ s: { image: "x", exitCodes: { skip: [3] } }, g: { after: "s", tasks: { a }, outputs } });
  skipped.end("s", EXIT3);
  expect(skipped.report("g")).toMatchObject({ state: "skipped", outputs: { total: 9 } });
});

test.each([
  [{ total: { value: "${{ params.n / 0 }}" } }, "has no value: division by zero"],
  [{ total: { value: "${{ params.n }}", type: "string" } }, "total must be text, not a number"],
])("outputs - a value that cannot be had: %j", (outputs, why) => {
  const run = new Values({ n: { noop: {}, after: "a", outputs: later(outputs) }, a, next: { image: "x", after: "n" } });
  run.end("a", OK, { rows: 1 });
  run.answer();
  expect(run.report("n")).toMatchObject({ state: "failed", kind: "output" });
  expect(run.report("n").message).toContain(why);
  expect(run.report("next").state).toBe("upstream_failed");
  expect(run.state.failures).toEqual(["n"]);
});

/** So that the value is known only when the task's turn has come. */
function later({ total }: { readonly total: { readonly value: string; readonly type?: string } }): JsonObject {
  return { total: { ...total, value: total.value.replace("params.n", "(tasks.a.outputs.rows * 0 + params.n)") } };
}

test("outputs - of the items of a noop: a list, each over its item", () => {
  const n = { noop: {}, forEach: "${{ range(3) }}", outputs: { square: { value: "${{ item * item + index }}" } } };
  const run = new Values({ n });
  const answer = { kind: "yes", items: listOf(3) } as const;
  run.fold(apply(run.graph, run.state, { kind: "answered", task: name("n"), answer }));
  expect(run.asked).toEqual(["n[0]", "n[1]", "n[2]"]);
  run.answer();
  expect(run.report("n")).toMatchObject({ state: "succeeded", outputs: { square: [0, 2, 6] } });
});

test("outputs - a run that goes on in another history asks again; after a cancel an answer changes nothing", () => {
  const run = new Values({ a, n: { noop: {}, after: "a", outputs: sum } });
  run.end("a", OK, { rows: 4 });
  expect(inFlight(run.graph, JSON.parse(JSON.stringify(run.state))).gives).toEqual([{ task: "n" }]);
  apply(run.graph, run.state, { kind: "cancel", reason: "enough" });
  run.answer();
  expect(run.report("n")).toMatchObject({ state: "failed", kind: "cancelled" });
});

test("outputs - a task of a group that is retried meanwhile opens it again: the late answer changes nothing", () => {
  const g = { tasks: { a, b: { image: "x" } }, outputs: sum };
  const run = new Values({ g });
  run.end("g.a", OK, { rows: 1 });
  run.end("g.b");
  const clear = asControl("clear", { task: "g.b" });
  expect(refusal(run.graph, run.state, clear)).toBeUndefined();
  control(run.graph, run.state, clear);
  run.answer();
  expect(run.report("g").state).toBe("running");
  run.end("g.b");
  expect(run.asked).toEqual(["g"]);
});

test("outputs - a rehearsal evaluates nothing", () => {
  const { graph } = new Values({ a, n: { noop: {}, after: "a", outputs: sum }, g: { tasks: { a }, outputs: sum } });
  expect(isSettled(rehearse(graph, new Map()))).toBe(true);
});

test.each([
  [{ n: { noop: {}, outputs: { x: 3 } } }, "the output `x` of a `noop` has no `value`"],
  [
    { g: { tasks: { a }, outputs: { x: { value: "${{ tasks.b.outputs.rows }}" } } }, b: a },
    "`g` does not wait for `b`",
  ],
  [
    { g: { tasks: { a }, outputs: { x: { value: "${{ tasks.a.outputs.row }}" } } } },
    "the task `a` has no output `row`",
  ],
  [{ a, n: { noop: {}, outputs: { x: { value: "${{ tasks.a.outputs.rows }}" } } } }, "`n` does not wait for `a`"],
  [{ a: { image: "x", outputs: { x: { value: "${{ tasks.a.state }}" } } } }, "cannot name itself"],
  [{ n: { noop: {}, outputs: { x: { value: "${{ attempt }}" } } } }, "there is no `attempt` here"],
])("outputs - %j is refused: %s", (tasks, why) => {
  expect(told(readDagJson({ dag: "d", tasks }))).toContain(why);
});
