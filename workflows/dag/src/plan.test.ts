import { expect, test } from "vitest";
import { readControl } from "./control.ts";
import { control } from "./controls.ts";
import type { JsonObject } from "./json.ts";
import { packRun, unpackRun } from "./packed-run.ts";
import { dagOf, planOf } from "./plan.ts";
import { settleAdmissions } from "./pool/admission.ts";
import { refusal } from "./refusal.ts";
import { apply } from "./run-state.ts";
import { Planned } from "./testing/planned.ts";
import { asControl, EXIT3, name } from "./testing/played.ts";

const say = (text: string) => ({ image: "busybox:1", command: ["echo", text] });
const params = { word: "old", limit: 1, pool: "small" };
const DAG: JsonObject = {
  dag: "words",
  params,
  defaults: { env: { WORD: "${{ params.word }}" }, retries: { limit: "${{ params.limit }}", delay: "1s" } },
  tasks: {
    first: say("one"),
    second: { ...say("${{ params.word }}"), after: "first" },
    told: { ...say("${{ tasks.first.state }} ${{ params.word }}"), after: "second" },
  },
};

const env = (word: string) => `[{"name":"WORD","value":"${word}"}]`;

test("setParams - what has not begun takes the new ones, defaults and late expressions too; a dry run says just that and changes nothing", () => {
  const run = new Planned(DAG);
  expect(run.start()).toEqual([`first ${env("old")}`]);
  const before = JSON.stringify([run.state, run.plan.compiled]);
  const { changes } = run.set({ word: "new" }, true);
  expect(JSON.stringify([run.state, run.plan.compiled])).toBe(before);
  const word = { from: "old", to: "new" };
  expect(changes).toEqual([
    {
      task: "second",
      from: "waiting",
      to: "waiting",
      fields: [
        { field: "container.env.0.value", ...word },
        { field: "container.command.1", ...word },
      ],
    },
    {
      task: "told",
      from: "waiting",
      to: "waiting",
      fields: [
        { field: "container.env.0.value", ...word },
        { field: "params.word", ...word },
      ],
    },
  ]);
  expect(run.set({ word: "new" }).changes).toEqual(changes);
  expect(run.state).toMatchObject({
    params: { word: "new" },
    controls: [{ n: 1, control: "setParams", params: { word: "new" }, by: "anna" }],
  });
  run.ended("first", 1);
  expect(run.start()).toEqual([`second ${env("new")}`]);
});

test("setParams - twice is once", () => {
  const run = new Planned(DAG);
  expect(run.set({ word: "new" }).asked).toMatchObject({ n: 1, by: "anna" });
  expect(run.set({ word: "new" })).toEqual({ changes: [], asks: [] });
  expect(run.state.controls).toHaveLength(1);
});

test("setParams - a task that has begun keeps its own for all its attempts, over a hop; run again after its end it takes the new", () => {
  const run = new Planned(DAG);
  run.start();
  run.set({ word: "new", limit: 0 });
  run.set({ word: "newer" });
  expect(run.plan.earlier.map(({ tasks }) => tasks.map((task) => task.name))).toEqual([["first"]]);
  expect(dagOf(run.plan, name("first")).params["word"]).toBe("old");
  // As a hop hands it on.
  run.plan = planOf(run.plan.compiled, run.plan.earlier);
  const hop = packRun(run.plan.graph, run.state);
  expect(unpackRun(run.plan.graph, hop)).toEqual(run.state);
  const [delay] = run.ended("first", 1, EXIT3);
  expect(delay).toMatchObject({ task: "first", attempt: 2 });
  apply(run.plan.graph, run.state, { kind: "due", task: name("first"), attempt: 2 });
  expect(run.start()).toEqual([`first ${env("old")}`]);
  run.ended("first", 2, EXIT3);
  expect([run.state.tasks["first"]?.kind, run.plan.earlier]).toEqual(["failed", []]);
  control(run.plan.graph, run.state, asControl("retry", {}));
  expect(run.start()).toEqual([`first ${env("newer")}`]);
  // With the new limit there is no other attempt.
  expect(run.ended("first", 3, EXIT3)).toEqual([]);
});

test("setParams - a task that waits in a pool takes the new ones; where they name another pool it asks there", () => {
  const run = new Planned({
    dag: "turns",
    params,
    tasks: { only: { ...say("x"), pool: "${{ params.pool }}" }, same: { ...say("${{ params.word }}"), pool: "large" } },
  });
  run.start();
  settleAdmissions(run.plan.graph, run.state);
  const { asks } = run.set({ pool: "large", word: "new" });
  expect(asks).toEqual([{ kind: "release", pool: { kind: "pool", name: "small" }, unit: { task: "only" }, turn: 1 }]);
  run.start();
  expect(settleAdmissions(run.plan.graph, run.state)).toMatchObject([
    { kind: "request", pool: { name: "large" }, unit: { task: "only" }, turn: 3 },
  ]);
});

test("setParams - values that name no param stay as they are, of a template those that its task gives it", () => {
  const run = new Planned({
    dag: "hidden",
    params,
    templates: { t: { params: { its: "x" }, ...say("${{ attempt }} ${{ params.its }} ${{ params.limit }}") } },
    tasks: {
      a: { use: "t", with: { its: "${{ params.pool }}" } },
      b: say("x"),
      c: { ...say("y"), after: "b", if: "params['word'] == 'old'" },
    },
  });
  expect(run.set({ word: "new" }).changes.map(({ task }) => task)).toEqual(["c"]);
  expect(run.set({ pool: "large" }).changes).toMatchObject([
    { task: "a", fields: [{ field: "params.its", from: "small", to: "large" }] },
  ]);
  expect(run.set({ limit: 7 }).changes).toMatchObject([
    { task: "a", fields: [{ field: "params.limit", from: "1", to: "7" }] },
  ]);
});

test("setParams - what is set in a run has a limit", () => {
  const run = new Planned(DAG);
  run.set({ pool: "x".repeat(40_000) });
  const ask = (given: JsonObject) => refusal(run.plan.graph, run.state, asControl("setParams", { params: given }));
  expect(ask({ pool: "y".repeat(40_000) })).toBeUndefined();
  expect(ask({ word: "y".repeat(40_000) })).toMatchObject({ code: "too-large" });
});

test("setParams - its argument is read", () => {
  expect(readControl("setParams", { params: { a: 1 }, by: "anna" })).toMatchObject({
    request: { control: { kind: "setParams", params: { a: 1 }, by: "anna" }, dryRun: false },
  });
  for (const wrong of [{}, { params: {} }, { params: [] }, { params: { a: "x".repeat(70_000) } }, { task: "a" }])
    expect(readControl("setParams", wrong)).toMatchObject({ kind: "refused", problem: { code: "bad-control" } });
});
