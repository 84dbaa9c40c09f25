import { expect, test } from "vitest";
import { apply, isSettled } from "./run-state.ts";
import { inFlight } from "./starts.ts";
import { EXIT3, EXIT99, OK } from "./testing/played.ts";
import { list, listOf, Spread } from "./testing/spread.ts";

test("forEach - after and rule, then the list, then its items; what comes after waits for all of them", () => {
  const run = new Spread({ after: "plan" }, {}, { plan: { image: "x" }, next: { image: "x", after: "load" } });
  expect(run.start()).toEqual(["plan"]);
  expect(run.end("plan").asks).toEqual(["load"]);
  expect(run.start()).toEqual([]);
  run.over(list(7, 8));
  expect(run.start()).toEqual(["load[0]", "load[1]"]);
  run.end("load[1]");
  expect([run.report().state, run.items]).toEqual(["running", { 0: "running", 1: "succeeded" }]);
  expect(run.start()).toEqual([]);
  run.end("load[0]");
  expect(run.start()).toEqual(["next"]);
});

test.each([
  ["all succeeded", [OK, OK], "succeeded", {}],
  ["one skipped itself", [EXIT99, OK], "succeeded", {}],
  ["all skipped themselves", [EXIT99, EXIT99], "skipped", { reason: "every item was skipped" }],
  ["one failed", [OK, EXIT3], "failed", { kind: "exit", message: "load[1]: exit code 3" }],
  ["two failed", [EXIT3, EXIT3], "failed", { message: "load[0]: exit code 3 (and 1 more item)" }],
] as const)("forEach - %s", (_, outcomes, state, more) => {
  const run = new Spread({ exitCodes: { skip: [99] } }).over(listOf(2));
  run.play((unit) => outcomes[unit === "load[0]" ? 0 : 1]);
  expect(run.report()).toMatchObject({ state, ...more });
  expect(run.verdict).toBe(state === "failed" ? "failed" : "succeeded");
});

test("forEach - a list that is empty: skipped, with a reason, and its outputs are empty lists", () => {
  const run = new Spread({ outputs: { rows: { type: "integer" } } }, {}, { next: { image: "x", after: "load" } });
  run.over(list());
  expect(run.report()).toEqual({
    state: "skipped",
    attempts: 0,
    reason: "its list is empty",
    counts: {},
    items: [],
    outputs: { rows: [] },
  });
  expect(isSettled(run.state)).toBe(true);
});

test("forEach - the if is false: skipped without a list; no list: failed, kind expression", () => {
  const no = new Spread({ if: "false" });
  no.answer({ kind: "no" });
  expect(no.report()).toMatchObject({ state: "skipped", reason: "its `if` is false" });
  const broken = new Spread();
  broken.answer({ kind: "broken", of: "forEach", why: "it gives text, not a list" });
  expect(broken.report()).toMatchObject({
    state: "failed",
    kind: "expression",
    message: "forEach: it gives text, not a list",
  });
});

test("forEach - a second list changes nothing", () => {
  const run = new Spread().over(listOf(2)).over(listOf(5));
  expect(run.play(() => OK).started).toEqual(["load[0].1", "load[1].1"]);
});

test("forEach - of a noop: its items succeed at once", () => {
  const run = new Spread({ image: "x" }, {}, { n: { noop: {}, forEach: [1, 2], key: "n-${{ item }}" } });
  run.answer({ kind: "yes", items: { lists: [[1, 2]], keys: ["n-1", "n-2"] } }, "n");
  expect(run.report("n")).toEqual({
    state: "succeeded",
    attempts: 0,
    counts: { succeeded: 2 },
    items: [
      { index: 0, key: "n-1", state: "succeeded", attempts: 0 },
      { index: 1, key: "n-2", state: "succeeded", attempts: 0 },
    ],
  });
});

test("forEach - each item has attempts and budgets of its own", () => {
  const run = new Spread({ retries: 1 }).over(listOf(2));
  run.play((unit, attempt) => (unit === "load[0]" || attempt === 1 ? EXIT3 : OK));
  expect(run.started.toSorted()).toEqual(["load[0].1", "load[0].2", "load[1].1", "load[1].2"]);
  expect(run.report().items).toEqual([
    { index: 0, key: "0", state: "failed", kind: "exit", message: "exit code 3", attempts: 2 },
    { index: 1, key: "1", state: "succeeded", attempts: 2 },
  ]);
});

test("forEach - outputs are lists: what an item gave, the default where it was skipped, else null", () => {
  const outputs = { rows: { type: "integer", default: 0 }, file: { type: "string" } };
  const run = new Spread({ outputs, exitCodes: { skip: [99] } }).over(listOf(4));
  run.start();
  run.end("load[0]", OK, { rows: 5, file: "a" });
  run.end("load[1]", EXIT99);
  run.end("load[2]", EXIT3, { rows: 7 });
  run.end("load[3]", EXIT3);
  expect(run.report().outputs).toEqual({ rows: [5, 0, 7, null], file: ["a", null, null, null] });
});

test("forEach - what the items hand on in the end has a place from the start, or the task fails at once", () => {
  const run = new Spread({ outputs: { text: { type: "string", default: "x".repeat(1_000) } } }).over(listOf(1_000));
  expect(run.report()).toMatchObject({ state: "failed", kind: "output", attempts: 0 });
});

test("failFast - the first item that fails breaks off the rest, and is the cause", () => {
  const run = new Spread({ parallelism: 2 }, { failFast: true }).over(listOf(4));
  run.start();
  expect(run.end("load[1]", EXIT3).stops).toEqual([{ task: "load", index: 0 }]);
  expect(run.report().state).toBe("running");
  run.end("load[0]", OK);
  expect(run.items).toEqual({ 0: "failed", 1: "failed", 2: "skipped", 3: "skipped" });
  expect(run.report().message).toBe("load[1]: exit code 3 (and 1 more item)");
  expect(run.state.failures).toEqual(["load"]);
});

test.each([
  [{ kind: "cancel", reason: "enough" }, "cancelled", "cancelled"],
  [{ kind: "timeout" }, "failed", "timeout"],
] as const)("forEach - %j: what runs has failed, what has not started is skipped", (change, verdict, kind) => {
  const run = new Spread({ parallelism: 1 }, { timeout: "1h" }).over(listOf(3));
  run.start();
  expect(apply(run.graph, run.state, change).stops).toEqual([{ task: "load", index: 0 }]);
  expect(run.start()).toEqual([]);
  run.end("load[0]", OK);
  expect(run.items).toEqual({ 0: "failed", 1: "skipped", 2: "skipped" });
  expect([run.report().kind, run.verdict]).toEqual([kind, verdict]);
});

test("forEach - a run that goes on in another history has its list, its attempts and its delays", () => {
  const run = new Spread({ retries: 2 }).over({ lists: [["a", "b", "c"]], keys: ["x", "y", "z"] });
  run.start();
  apply(run.graph, run.state, { kind: "ended", task: run.load, index: 1, attempt: 1, outcome: EXIT3 });
  const there = JSON.parse(JSON.stringify(run.state));
  expect(inFlight(run.graph, there)).toMatchObject({
    asks: [],
    starts: [
      { task: "load", index: 0, attempt: 1 },
      { task: "load", index: 2, attempt: 1 },
    ],
    delays: [{ task: "load", index: 1, attempt: 2 }],
  });
});
