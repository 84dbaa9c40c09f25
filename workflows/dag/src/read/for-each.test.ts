import { expect, test } from "vitest";
import { expressionInput } from "../expression-input.ts";
import { graphOf } from "../graph.ts";
import type { Json, JsonObject } from "../json.ts";
import { apply, beginRun } from "../run-state.ts";
import { takeStarts } from "../starts.ts";
import { compiledDag } from "../testing/spread.ts";
import { OK } from "../testing/played.ts";
import { evaluate } from "../cel/evaluate.ts";
import { taskSpec } from "../merge.ts";
import { Checker } from "../cel/checker.ts";
import { told } from "./compiled-task.ts";
import { Findings } from "./findings.ts";
import { checkForEach } from "./for-each.ts";
import { JsonPlaces } from "./path.ts";
import { readDagJson } from "./dag-file.ts";
import { keysProblem, madeKey, madeList } from "./item-list.ts";
import { sourcesIn } from "./needs.ts";
import { renderSpec, sourcesOf } from "./render-spec.ts";

const plan = { image: "x", outputs: { shards: { type: "array", from: "stdout" }, n: { type: "integer" } } };

/** What is wrong with a task `load` behind `plan`. */
function lint(load: JsonObject, more: JsonObject = {}): string {
  const tasks = { plan, load: { image: "x", after: "plan", ...load }, ...more };
  return told(readDagJson({ dag: "d", params: { regions: ["eu"], n: 3 }, tasks })).replaceAll(/\n +/g, " ");
}

const NEXT = { image: "x", after: "load" };
const shards = "${{ tasks.plan.outputs.shards }}";

test.each<[JsonObject, JsonObject?]>([
  [{ forEach: shards }],
  [{ forEach: [1, "a", { id: 3 }] }],
  [{ forEach: [] }],
  [{ forEach: "${{ params.regions }}", key: "${{ item }}-${{ index }}", parallelism: 8, if: "params.n > 2" }],
  [{ forEach: { region: ["eu", "us"], shard: shards }, args: ["${{ item.region }}", "${{ item.shard.id }}"] }],
  [{ forEach: "${{ range(tasks.plan.outputs.n) }}", args: ["${{ index + attempt }}"] }],
  [{ forEach: shards, outputs: { rows: 0 } }, { next: { ...NEXT, if: "sum(tasks.load.outputs.rows) > 3" } }],
  [
    { forEach: shards },
    { next: { ...NEXT, if: 'tasks.load.items.exists(i, i.state == "succeeded" && i.index > 0 && i.key != "")' } },
  ],
  [{ image: null, forEach: shards, use: "w", with: { shard: "${{ item.id }}" } }],
])("forEach - %j is accepted", (load, more = {}) => {
  const templates = { w: { params: { shard: "" }, image: "x", args: ["${{ params.shard }}"] } };
  const { image, ...rest } = load;
  const task = { ...(image === null ? {} : { image: "x" }), after: "plan", ...rest };
  const dag = { dag: "d", params: { regions: ["eu"], n: 3 }, templates, tasks: { plan, load: task, ...more } };
  expect(told(readDagJson(dag))).toBe("ok");
});

test("forEach - of a noop it is accepted", () => {
  expect(told(readDagJson({ dag: "d", tasks: { a: { noop: {}, forEach: [1, 2], key: "${{ item }}" } } }))).toBe("ok");
});

test.each<[JsonObject, string, JsonObject?]>([
  [{ forEach: "abc" }, "`forEach` must be a list, one expression that gives a list"],
  [{ forEach: "x${{ params.n }}" }, "`forEach` must be a list, not text"],
  [{ forEach: "${{ params.n }}" }, "`forEach` must be a list, not a number"],
  [{ forEach: 3 }, "`forEach` must be a list"],
  [{ forEach: { region: "${{ ds }}" } }, "`region` must be a list, not text"],
  [{ forEach: { region: 3 } }, "`region` must be a list, not a number"],
  [{ forEach: {} }, "`forEach` has 0 names; it takes from 1 to 10"],
  [{ forEach: { "my-day": [1] } }, "is not a name for a list of `forEach`"],
  [{ forEach: "${{ item }}" }, "there is no `item` in expressions"],
  [{ forEach: shards, if: "item.id == 3" }, "it is decided once, before the items are there"],
  [{ key: "${{ item }}" }, "`key` is what an item of `forEach` is called, and the task has none"],
  [{ forEach: shards, key: "x" }, "every item would have the same `key`"],
  [{ forEach: shards, key: "${{ itm }}" }, "did you mean `item`?"],
  [{ forEach: shards, key: "${{ attempt }}" }, "there is no `attempt` here"],
  [{ forEach: shards, namespace: "${{ item.id }}" }, "is known only when the task starts"],
  [{ parallelism: 3 }, "`parallelism` belongs to a group"],
  [{ args: ["${{ item }}"] }, "a task with `forEach` has `item` and `index`"],
  [{ forEach: "${{ range(9) }}", tasks: { x: { image: "x" } } }, "a group cannot run once for each item"],
  [
    { forEach: { a: Array.from({ length: 200 }, () => 1), b: Array.from({ length: 100 }, () => 1) } },
    "it has 200 × 100 = 20000 items; at most 10000 are run",
  ],
  [{}, "there is no field `items` here", { next: { ...NEXT, if: "tasks.load.items.size() > 1" } }],
  [{ forEach: shards }, "there is no field `sate` here", { next: { ...NEXT, if: "tasks.load.items[0].sate == ''" } }],
])("forEach - %j is refused: %s", (load, complaint, more = {}) => {
  const told = lint(load, more);
  expect(told).toContain(complaint);
});

function answers(value: Json, variables: JsonObject) {
  return new Map([...sourcesIn(value)].map((source) => [source, evaluate("task", source, variables)]));
}

test.each<[Json, unknown]>([
  ["${{ xs }}", { lists: [[1, 2, 3]] }],
  [["a", "${{ xs[0] }}", "x${{ xs[1] }}", "$${{ a }}"], { lists: [["a", 1, "x2", "${{ a }}"]] }],
  [
    { region: ["eu"], day: "${{ xs }}" },
    { names: ["region", "day"], lists: [["eu"], [1, 2, 3]] },
  ],
])("forEach - the list %j", (list, made) => {
  const given = "params.xs";
  const value = JSON.parse(JSON.stringify(list).replaceAll("xs", given));
  expect(madeList(value, answers(value, { params: { xs: [1, 2, 3] } }))).toEqual({ kind: "ok", value: made });
});

test.each<[Json, string]>([
  ["${{ params.text }}", "it gives text, not a list"],
  [{ a: [1], b: "${{ params.n }}" }, "`b` gives a number, not a list"],
  ["${{ params.none }}", "`${{ params.none }}` is null, which has no text"],
  ["${{ params.gone }}", "`${{ params.gone }}` has no value: No such key: gone"],
  ["${{ flatten([range(10000), [1]]) }}", "it has 10001 items; at most 10000 are run"],
  [{ a: "${{ range(200) }}", b: "${{ range(100) }}" }, "it has 200 × 100 = 20000 items; at most 10000 are run"],
  [["${{ params.long }}"], "it has 293 KB of JSON; at most 256 KB are run: list names, not contents"],
])("forEach - the list %j cannot be had: %s", (list, why) => {
  const params = { text: "x", n: 3, none: null, long: "x".repeat(300_000) };
  expect(madeList(list, answers(list, { params }))).toEqual({ kind: "wrong", why });
});

test.each([
  [["a", "b", "a"], "the items 0 and 2 are both called `a`"],
  [
    Array.from({ length: 10_000 }, (_, at) => `${"k".repeat(20)}${at}`),
    "together they have 263 KB; at most 128 KB are kept",
  ],
  [["a", "b"], undefined],
])("forEach - keys", (keys, why) => {
  expect(keysProblem(keys)).toBe(why);
});

test.each<[Json, unknown]>([
  [3, { kind: "ok", value: "d-3" }],
  [{ id: 3 }, { kind: "ok", value: 'd-{"id":3}' }],
  ["x".repeat(300), { kind: "wrong", why: "is longer than 200 characters" }],
])("forEach - a key of %j", (item, made) => {
  const key = "d-${{ item }}";
  expect(madeKey(key, answers(key, { item, index: 0 }))).toEqual(made);
});

test("forEach - item, index and what stands in `with` are evaluated for each item", () => {
  const compiled = compiledDag({
    templates: { w: { params: { shard: "", at: 0 }, image: "x", args: ["${{ params.shard }}", "${{ params.at }}"] } },
    tasks: {
      load: { forEach: [{ id: "a" }, { id: "b" }], use: "w", with: { shard: "${{ item.id }}", at: "${{ index }}" } },
    },
  });
  const graph = graphOf(compiled);
  const { state, effects } = beginRun(graph, "seed");
  const [task] = effects.asks;
  const [load] = compiled.tasks;
  if (task === undefined || load?.kind !== "pod" || load.needs === undefined) throw new Error("nobody asks");
  apply(graph, state, {
    kind: "answered",
    task,
    answer: { kind: "yes", items: { lists: [[{ id: "a" }, { id: "b" }]] } },
  });
  const context = { id: "r", dag: "d", version: "v", logicalDate: "2026-11-26T00:00:00Z" };
  const args = takeStarts(graph, state).map((start) => {
    const variables = expressionInput(graph, state, { context, params: {} }, load.needs ?? { tasks: [] }, start) ?? {};
    const spec = taskSpec(compiled, load);
    const rendered = renderSpec(
      spec,
      new Map(sourcesOf(spec).map((source) => [source, evaluate("task", source, variables)])),
    );
    apply(graph, state, { kind: "ended", ...start, outcome: OK });
    return rendered.kind === "ok" ? rendered.spec.container["args"] : rendered.outcome.message;
  });
  expect(args).toEqual([
    ["a", "0"],
    ["b", "1"],
  ]);
});

test.each(["approve", "wait", "dag"])("forEach - with `%s` it is refused", (word) => {
  const read = Findings.read(new JsonPlaces(), (findings) => {
    const tools = { checker: new Checker({ params: {}, tasks: {} }), params: new Set<string>(), findings };
    checkForEach({ forEach: [1], [word]: {} }, ["tasks", "a"], { isAncestor: () => false }, tools);
    return findings.clean;
  });
  expect(told(read)).toContain(`a task with \`${word}\` cannot run once for each item`);
});
