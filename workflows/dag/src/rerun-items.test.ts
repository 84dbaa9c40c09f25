/** Items in a run that goes on where a closed one ended. */
import { expect, test } from "vitest";
import type { JsonObject } from "./json.ts";
import { goOn } from "./rerun.ts";
import { taskReport } from "./report.ts";
import { apply } from "./run-state.ts";
import { AnyRun } from "./testing/any-run.ts";
import { asControl, EXIT3, EXIT99, OK } from "./testing/played.ts";
import { rerunOf } from "./testing/rerun.ts";
import { list, listOf, Spread } from "./testing/spread.ts";
import type { Outcome } from "./outcome.ts";
import { verdict } from "./verdict.ts";

const NEXT = { next: { image: "x", after: "load" } };

const bad =
  (...failing: string[]) =>
  (unit: string): Outcome =>
    failing.includes(unit) ? EXIT3 : OK;

type Asked = Parameters<typeof rerunOf>[2];

function asked(kind: "retry" | "clear", input: object = {}): Asked {
  const control = asControl(kind, input);
  return control.kind === "retry" || control.kind === "clear" ? control : undefined;
}

/** What starts first in a run that goes on from this one, and in which all goes well. */
function again({ graph, state }: Pick<Spread, "graph" | "state">, control?: Asked, lists = listOf(9)): AnyRun {
  return new AnyRun(graph, rerunOf(graph, state, control), () => lists).go(() => OK);
}

test("rerun - of a task with items: those that failed; the others keep what they gave, over the same list", () => {
  const run = new Spread({ outputs: { n: { type: "integer" } } }, {}, NEXT).over(list(7, 8, 9));
  run.start();
  for (const at of [0, 1, 2]) run.end(`load[${at}]`, at === 1 ? EXIT3 : OK, { n: at });
  const next = again(run);
  expect(next.started).toEqual(["load[1]", "next"]);
  expect(next.state.items?.["load"]?.lists).toEqual([[7, 8, 9]]);
  expect(taskReport(run.graph, next.state, "load")).toMatchObject({
    state: "succeeded",
    counts: { succeeded: 3 },
    outputs: { n: [0, null, 2] },
    items: [{ attempts: 0 }, { state: "succeeded" }, { attempts: 0 }],
  });
  expect(verdict(run.graph, next.state)).toBe("succeeded");
});

test("rerun - `index` names one item: the other failed ones stay so", () => {
  const run = new Spread({}, {}, NEXT).over(listOf(3)).play(bad("load[0]", "load[2]"));
  const next = again(run, asked("retry", { task: "load", index: 2 }));
  expect(next.started).toEqual(["load[2]"]);
  expect(next.kinds).toEqual({ load: "failed", next: "upstream_failed" });
  expect(again(next).started).toEqual(["load[0]", "next"]);
});

test("rerun - clear: one item, or all of them, over the same list", () => {
  const run = new Spread({}, {}, NEXT).over(listOf(2)).play(() => OK);
  expect(again(run, asked("clear", { task: "load", index: 1 })).started).toEqual(["load[1]", "next"]);
  expect(again(run, asked("clear", { task: "load" })).started).toEqual(["load[0]", "load[1]", "next"]);
});

test("rerun - what runs again above a list makes it anew", () => {
  const after: JsonObject = { after: "make", rule: "all_done" };
  const run = new Spread({ ...after, outputs: { n: {} } }, {}, { make: { image: "x" } });
  run.start();
  run.end("make", EXIT3);
  run.over(listOf(2)).play(() => OK);
  const next = again(run);
  expect(next.started).toEqual(["make", ...Array.from({ length: 9 }, (_, at) => `load[${at}]`)]);
  expect(next.state.outputBytes).toBe(9 * "null,".length);
});

test("rerun - of a cancelled run: the items that it broke off, where none had failed too", () => {
  const run = new Spread({ parallelism: 1 }, {}, NEXT).over(listOf(3));
  run.start();
  run.end("load[0]");
  apply(run.graph, run.state, { kind: "cancel", reason: "enough" });
  expect(run.state.tasks).toMatchObject({ load: { kind: "succeeded" }, next: { kind: "skipped" } });
  expect(again(run).started).toEqual(["load[1]", "load[2]", "next"]);
});

test("rerun - of a cancelled run with a task named: the items that it broke off too, whatever its reason; nothing else", () => {
  const run = new Spread({ parallelism: 1 }, {}, { bad: { image: "x" }, other: { image: "x" } }).over(listOf(2));
  run.start();
  run.end("load[0]", EXIT3);
  run.end("bad", EXIT3);
  run.end("other", EXIT3);
  run.start();
  apply(run.graph, run.state, { kind: "cancel", reason: "enough, ".repeat(50) });
  run.end("load[1]", OK);
  expect(run.items).toEqual({ 0: "failed", 1: "failed" });
  const next = again(run, asked("retry", { task: "bad" }));
  expect(next.started.toSorted()).toEqual(["bad", "load[0]", "load[1]"]);
  expect(next.kinds["other"]).toBe("failed");
});

test("rerun - an item that its exit code or a person skipped stays so, also in the run after that", () => {
  const run = new Spread({ exitCodes: { skip: [99] } }, {}, NEXT).over(listOf(3));
  run.play((unit) => (unit === "load[0]" ? EXIT99 : unit === "load[2]" ? EXIT3 : OK));
  const second = new AnyRun(run.graph, rerunOf(run.graph, run.state)).go(bad("load[2]"));
  expect(second.started).toEqual(["load[2]"]);
  expect(again(second).started).toEqual(["load[2]", "next"]);
});

test("rerun - `finally` runs all its items again, over a list of its own", () => {
  const last = { tidy: { image: "x", forEach: "${{ range(2) }}" } };
  const run = new AnyRun(new Spread({}, { finally: last }).graph, undefined, () => listOf(2)).go(bad("load[1]"));
  const next = again(run, undefined, listOf(3));
  expect(next.started).toEqual(["load[1]", "tidy[0]", "tidy[1]", "tidy[2]"]);
});

test.each([
  ["retry", { task: "load", index: 0 }, "task-state: load[0] has not failed: it is succeeded"],
  ["retry", { task: "load", index: 9 }, "task-not-found: load has no item 9: it has 2, from 0"],
  ["retry", { task: "next", index: 0 }, "task-not-found: next has no items: it has no `forEach`"],
  ["retry", { task: "nobody" }, 'task-not-found: the run has no task "nobody"'],
  ["retry", {}, "task-state: nothing of the run failed"],
] as const)("rerun - %s of %j is refused as in an open run: %s", (kind, input, why) => {
  const run = new Spread({}, {}, NEXT).over(listOf(2)).play(() => OK);
  const end = goOn(run.graph, run.state, "dag/d/1", asked(kind, input) ?? { kind: "retry" });
  expect("code" in end ? `${end.code}: ${end.what}` : end).toBe(why);
});
