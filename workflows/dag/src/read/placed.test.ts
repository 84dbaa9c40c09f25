import { expect, test } from "vitest";
import type { JsonObject } from "../json.ts";
import { taskSpec } from "../merge.ts";
import { compileDag } from "./compile.ts";
import { told } from "./compiled-task.ts";
import { readDagFile, readDagJson } from "./dag-file.ts";

const noop = { noop: {} };

function compiled(dag: JsonObject) {
  const read = readDagJson({ dag: "d", ...dag });
  const compiled = read.kind === "ok" ? compileDag(read.value, {}) : read;
  if (compiled.kind === "refused") throw new Error(told(compiled));
  return compiled.value;
}
const refused = (dag: JsonObject): string => {
  const read = readDagJson({ dag: "d", ...dag });
  return told(read.kind === "ok" ? compileDag(read.value, {}) : read);
};

test("sections - tasks are called by the groups around them; finally stands last and asks only that all are done", () => {
  const group = { after: "a", failFast: true, parallelism: 2, tasks: { x: noop, y: { ...noop, after: "x" } } };
  const { tasks, failFast, parallelism, timeoutMs } = compiled({
    failFast: true,
    parallelism: 7,
    timeout: "5m",
    finally: { f: { ...noop, after: "a" }, h: { ...noop, after: { g: "failed" } } },
    tasks: { a: noop, g: { ...group, finally: { z: noop } } },
  });
  expect([failFast, parallelism, timeoutMs]).toEqual([true, 7, 300_000]);
  const gate = { kind: "rule", rule: "all_done" };
  expect(tasks).toEqual([
    { kind: "noop", name: "a", after: [] },
    { kind: "group", name: "g", after: ["a"], failFast: true, parallelism: 2 },
    { kind: "noop", name: "g.x", after: [], group: "g" },
    { kind: "noop", name: "g.y", after: ["g.x"], group: "g" },
    { kind: "noop", name: "g.z", after: [], group: "g", final: true, gate },
    { kind: "noop", name: "f", after: ["a"], final: true, gate },
    { kind: "noop", name: "h", after: ["g"], final: true, gate: { kind: "edges", edges: [["failed"]] } },
  ]);
});

test("sections - defaults: the DAG's, then those of the groups, the nearest over all others; params are replaced in them", () => {
  const dag = compiled({
    params: { who: "me" },
    defaults: { image: "dag", env: { A: "dag", B: "dag", C: "dag" } },
    tasks: {
      g: {
        defaults: { env: { B: "g", C: "${{ params.who }}" } },
        tasks: { h: { defaults: { image: "h", env: { B: 3 } }, tasks: { x: { command: ["true"] } } } },
      },
    },
  });
  const task = dag.tasks.find(({ name }) => name === "g.h.x");
  expect(task?.kind === "pod" ? taskSpec(dag, task).container : undefined).toEqual({
    image: "h",
    command: ["true"],
    env: [
      { name: "A", value: "dag" },
      { name: "B", value: "3" },
      { name: "C", value: "me" },
    ],
  });
});

test("sections - a document with groups is the long form of itself", () => {
  const short = {
    tasks: { g: { after: [], defaults: { retries: 2 }, tasks: { x: { image: "i", env: { A: 1 }, timeout: "5m" } } } },
    finally: { f: { image: "i", after: { g: "done" } } },
  };
  const read = readDagJson({ dag: "d", ...short });
  expect(read.kind === "ok" ? readDagJson(read.value) : read).toEqual(read);
});

test.each([
  [{ tasks: { g: { tasks: {} } } }, "the group has no task", "tasks.g.tasks"],
  [{ tasks: { g: { tasks: { "a.b": noop } } } }, "`a.b` is not a name for a task", 'tasks.g.tasks["a.b"]'],
  [
    { tasks: { a: noop, g: { tasks: { x: { ...noop, after: "a" } } } } },
    "there is no task `a`",
    "tasks.g.tasks.x.after",
  ],
  [{ tasks: { a: { ...noop, after: "f" } }, finally: { f: noop } }, "`f` stands under `finally`", "tasks.a.after"],
  [{ tasks: { a: noop }, finally: { a: noop } }, "`a` is the name of two tasks", "finally.a"],
  [
    { tasks: { a: noop }, finally: { f: { ...noop, after: "g" }, g: { ...noop, after: "f" } } },
    "f → g → f",
    "finally.f.after",
  ],
  [
    { tasks: { g: { image: "x", tasks: { a: noop } } } },
    "the task is a group, which makes no pod of its own, and has `image`",
    "tasks.g",
  ],
  [
    { tasks: { g: { outputs: { x: 3 }, tasks: { a: noop } } } },
    "the output `x` of a group has no `value`",
    "tasks.g.outputs.x",
  ],
  [{ tasks: { a: { image: "x", failFast: true } } }, "`failFast` belongs to a group", "tasks.a"],
  [
    { tasks: { g: { noop: {}, tasks: { a: noop } } } },
    "the task is a `noop`, which makes no pod, and has `tasks`",
    "tasks.g",
  ],
  [{ tasks: { a: noop }, parallelism: 0 }, "`parallelism` must be a whole number from 1 to 1000", "parallelism"],
  [{ tasks: { a: noop }, timeout: 90 }, "`timeout` must be a duration", "timeout"],
  [{ tasks: { g: { tasks: { a: { imgae: "x" } } } } }, "`imgae` is not a field of a task", "tasks.g.tasks.a.imgae"],
  [
    { tasks: { g: { defaults: { rule: "all_done" }, tasks: { a: noop } } } },
    "`rule` cannot stand in `defaults`",
    "tasks.g.defaults.rule",
  ],
  [
    { tasks: { g: { tasks: { a: { image: "${{ params.n }}" } } } } },
    "the param `n` is not declared",
    "tasks.g.tasks.a.image",
  ],
] as const)("sections - %j is refused: %s", (dag, what, where) => {
  const text = refused(JSON.parse(JSON.stringify(dag)));
  expect(text).toContain(what);
  expect(text).toContain(`--> ${where}`);
});

test("sections - groups stand in each other at most 8 levels deep", () => {
  const nested = (levels: number): JsonObject => (levels === 0 ? noop : { tasks: { g: nested(levels - 1) } });
  expect(refused({ tasks: { g: nested(8) } })).toBe("ok");
  expect(refused({ tasks: { g: nested(9) } })).toContain("groups stand in each other more than 8 levels deep");
});

test("sections - an empty task in a group is told with its place", () => {
  const [read] = readDagFile("dag: d\ntasks:\n  g:\n    tasks:\n      x:\n", "f.yaml");
  expect(read === undefined ? "" : told(read.read)).toContain("--> f.yaml:5:7   tasks.g.tasks.x");
});

const hands = { image: "x", outputs: { host: { type: "string" } } };
const says = (expression: string, more: JsonObject = {}): JsonObject => ({
  image: "x",
  args: [`\${{ ${expression} }}`],
  ...more,
});

test("sections - in a group a name means a task beside it, or else one beside the group, and so on outwards", () => {
  const { tasks } = compiled({
    tasks: {
      a: hands,
      cluster: hands,
      g: {
        after: "a",
        tasks: {
          cluster: hands,
          build: says("tasks.cluster.outputs.host + tasks.a.outputs.host", { after: "cluster" }),
        },
        finally: { down: says("tasks.cluster.state") },
      },
      last: says('tasks["g.build"].state + tasks.g.state', { after: "g" }),
    },
    finally: { report: says('tasks.last.state + tasks["g.cluster"].outputs.host') },
  });
  const needs = new Map(tasks.map((task) => [String(task.name), task.kind === "pod" ? task.needs : undefined]));
  expect(needs.get("g.build")).toEqual({ tasks: ["cluster", "a"], called: { cluster: "g.cluster" } });
  expect(needs.get("g.down")).toEqual({ tasks: ["cluster"], called: { cluster: "g.cluster" } });
  expect(needs.get("last")).toEqual({ tasks: ["g.build", "g"] });
  expect(needs.get("report")).toEqual({ tasks: ["last", "g.cluster"] });
});

test.each([
  [{ x: says("tasks.y.state"), y: hands }, "`x` does not wait for `y`"],
  [{ x: says("tasks.other.state") }, "`x` does not wait for `other`"],
  [{ x: says("tasks.g.state") }, "`x` does not wait for `g`"],
  [{ x: says("tasks.nobody.state") }, "there is no task `nobody`"],
] as const)("sections - no expression of a group names what may not have ended: %j", (tasks, text) => {
  expect(refused({ tasks: { other: hands, g: { tasks: { ...tasks } } } })).toContain(text);
});
