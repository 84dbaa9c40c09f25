import { expect, test } from "vitest";
import { graphOf } from "./graph.ts";
import { isTaskName, type TaskName } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import { compileDag } from "./read/compile.ts";
import { readDagJson } from "./read/dag-file.ts";
import { rehearse, type RehearsedEnd } from "./rehearse.ts";
import { verdict } from "./verdict.ts";

function rehearsed(tasks: JsonObject, ends: Record<string, RehearsedEnd>, more: JsonObject = {}) {
  const read = readDagJson({ dag: "d", tasks, ...more });
  const compiled = read.kind === "ok" ? compileDag(read.value, {}) : read;
  if (compiled.kind === "refused") throw new Error(compiled.problems[0]?.what);
  const graph = graphOf(compiled.value);
  const named = Object.entries(ends).flatMap(([name, end]): [TaskName, RehearsedEnd][] =>
    isTaskName(name) ? [[name, end]] : [],
  );
  const state = rehearse(graph, new Map(named));
  const kinds = Object.entries(state.tasks).map(([name, { kind }]) => `${name} ${kind}`);
  return [...kinds, verdict(graph, state)];
}

const pod = { image: "x" };
const branch = {
  inspect: pod,
  full: { ...pod, after: "inspect", retries: 5, exitCodes: { skip: [1], fail: [7] } },
  delta: { ...pod, after: "inspect" },
  join: { ...pod, after: ["full", "delta"], rule: "none_failed_min_one_success" },
  repair: { ...pod, after: ["full", "delta"], rule: "one_failed" },
};

test("rehearse - all succeed where nothing is said", () => {
  expect(rehearsed(branch, {})).toEqual([
    "inspect succeeded",
    "full succeeded",
    "delta succeeded",
    "join succeeded",
    "repair skipped",
    "succeeded",
  ]);
});

test("rehearse - a failure is final whatever its retries and exit codes say; a skip needs none", () => {
  expect(rehearsed(branch, { full: "failed", delta: "skipped" })).toEqual([
    "inspect succeeded",
    "full failed",
    "delta skipped",
    "join upstream_failed",
    "repair succeeded",
    "failed",
  ]);
});

test("rehearse - a noop may fail too, and what a task that does not run would have done does not matter", () => {
  const tasks = { a: { noop: {} }, b: { ...pod, after: "a" }, c: { ...pod, after: "b" } };
  const ends = { a: "failed", b: "succeeded" } as const;
  expect(rehearsed(tasks, ends)).toEqual(["a failed", "b upstream_failed", "c upstream_failed", "failed"]);
});

test("rehearse - finally and groups run as they do in a run", () => {
  const group = { tasks: { up: pod, work: { ...pod, after: "up" } }, finally: { down: pod } };
  const tasks = { g: group, z: { ...pod, after: "g" } };
  const played = rehearsed(tasks, { "g.work": "failed" }, { finally: { report: pod } });
  const ends = ["g.work failed", "g.down succeeded", "g failed", "z upstream_failed", "report succeeded", "failed"];
  expect(played).toEqual(expect.arrayContaining(ends));
});
