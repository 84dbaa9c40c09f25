import fc from "fast-check";
import { expect, test } from "vitest";
import type { Control } from "./control.ts";
import { control, preview } from "./controls.ts";
import { refusal } from "./refusal.ts";
import { reportOf } from "./report.ts";
import { isSettled } from "./run-state.ts";
import type { Outcome } from "./outcome.ts";
import { AnyRun } from "./testing/any-run.ts";
import { asControl, EXIT3, EXIT99, OK } from "./testing/played.ts";
import { listOf, Spread } from "./testing/spread.ts";
import { unitKey } from "./units.ts";

const NEXT = { next: { image: "x", after: "load" } };
const bad =
  (...failing: string[]) =>
  (unit: string): Outcome =>
    failing.includes(unit) ? EXIT3 : OK;

function ask(run: Spread, kind: Control["kind"], input: object = {}): unknown {
  const what = asControl(kind, { task: "load", ...input });
  const refused = refusal(run.graph, run.state, what);
  if (refused !== undefined) return `${refused.code}: ${refused.what}`;
  const said = preview(run.graph, run.state, what);
  control(run.graph, run.state, what);
  return said.map(({ task, index, from, to }) => `${index === undefined ? task : `${task}[${index}]`} ${from} → ${to}`);
}

test("retry - of a task with items: those that failed, and what depends on the task; attempts go on", () => {
  const run = new Spread({}, {}, NEXT).over(listOf(3)).play(bad("load[1]"));
  expect(ask(run, "retry")).toEqual([
    "load failed → running",
    "load[1] failed → waiting",
    "next upstream_failed → waiting",
  ]);
  run.started.length = 0;
  run.play(() => OK);
  expect(run.started).toEqual(["load[1].2", "next.1"]);
  expect([run.report().state, run.verdict]).toEqual(["succeeded", "succeeded"]);
});

test("retry - what follows runs all its items: a `finally`, and what waits for the group around", () => {
  const over = { image: "x", forEach: [0, 1, 2] };
  const fields = { finally: { tidy: over } };
  const more = { g: { tasks: { bad: { image: "x" } } }, told: { ...over, after: "g", rule: "all_done" } };
  const run = new AnyRun(new Spread({}, fields, more).graph).go(bad("g.bad"));
  run.started.length = 0;
  run.carryOut(control(run.graph, run.state, { kind: "retry" }));
  run.go(() => OK);
  expect(run.started).toEqual(["g.bad", "told[0]", "told[1]", "told[2]", "tidy[0]", "tidy[1]", "tidy[2]"]);
});

test("retry - of one index, while the others go on: it waits for a place again", () => {
  const run = new Spread({ parallelism: 2 }, {}, NEXT).over(listOf(4));
  run.start();
  run.end("load[0]", EXIT3);
  run.start();
  expect(ask(run, "retry", { index: 1 })).toBe("task-state: load[1] has not failed: it is running");
  expect(ask(run, "retry", { index: 0 })).toEqual(["load[0] failed → waiting"]);
  run.play(() => OK);
  expect(run.started.toSorted()).toEqual(["load[0].1", "load[0].2", "load[1].1", "load[2].1", "load[3].1", "next.1"]);
  expect(run.verdict).toBe("succeeded");
});

test("retry - of one index that is the last to fail: its task runs on", () => {
  const run = new Spread({}, {}, NEXT).over(listOf(3)).play(bad("load[0]", "load[2]"));
  expect(ask(run, "retry", { index: 2 })).toContain("load[2] failed → waiting");
  run.play(() => OK);
  expect(run.items).toEqual({ 0: "failed", 1: "succeeded", 2: "succeeded" });
  expect(run.report().message).toBe("load[0]: exit code 3");
});

test("clear - of one index runs that item again, of the task all of them, over the same list", () => {
  const run = new Spread({}, {}, NEXT).over(listOf(2)).play(() => OK);
  run.started.length = 0;
  expect(ask(run, "clear", { index: 1 })).toEqual([
    "load succeeded → running",
    "load[1] succeeded → waiting",
    "next succeeded → waiting",
  ]);
  run.play(() => OK);
  expect(run.started).toEqual(["load[1].2", "next.2"]);
  run.started.length = 0;
  ask(run, "clear");
  expect(run.over(listOf(9)).play(() => OK).started).toEqual(["load[0].2", "load[1].3", "next.3"]);
});

test("mark - of one index: its task is judged anew, and what had been decided from it", () => {
  const run = new Spread({ outputs: { rows: { type: "integer", default: 7 } } }, {}, NEXT)
    .over(listOf(2))
    .play(bad("load[1]"));
  expect(ask(run, "mark", { index: 1, state: "succeeded", by: "anna" })).toEqual([
    "load failed → succeeded",
    "load[1] failed → succeeded",
    "next upstream_failed → waiting",
  ]);
  expect(run.report()).toMatchObject({ state: "succeeded", outputs: { rows: [null, 7] } });
  expect(run.play(() => OK).verdict).toBe("succeeded");
  expect(ask(run, "mark", { index: 0, state: "failed", note: "its data is wrong" })).toContain(
    "load succeeded → failed",
  );
  expect(run.report().message).toBe("load[0]: marked failed: its data is wrong");
});

test("skip, cancelTask - of one index: the others go on", () => {
  const run = new Spread({ parallelism: 1 }, {}, NEXT).over(listOf(3));
  run.start();
  expect(ask(run, "skip", { index: 0 })).toBe("task-state: load[0] is running: only what has not started is skipped");
  expect(ask(run, "skip", { index: 2 })).toEqual(["load[2] waiting → skipped"]);
  expect(ask(run, "cancelTask", { index: 1 })).toBe("task-state: load[1] is waiting: it has no attempt to stop");
  expect(ask(run, "cancelTask", { index: 0 })).toEqual(["load[0] running → failed"]);
  run.end("load[0]", OK);
  run.play(() => OK);
  expect(run.items).toEqual({ 0: "failed", 1: "succeeded", 2: "skipped" });
});

test("cancelTask - of the whole task: what runs is stopped, what has not started is skipped", () => {
  const run = new Spread({ parallelism: 1 }).over(listOf(2));
  run.start();
  expect(ask(run, "cancelTask")).toEqual(["load[0] running → failed", "load[1] waiting → skipped"]);
  run.end("load[0]", OK);
  expect(run.report()).toMatchObject({ state: "failed", kind: "cancelled" });
});

test("failFast - what it broke off is tried again with the item that failed", () => {
  const run = new Spread({ parallelism: 1 }, { failFast: true }).over(listOf(3)).play(bad("load[0]"));
  expect(run.items).toEqual({ 0: "failed", 1: "skipped", 2: "skipped" });
  ask(run, "retry");
  run.play(() => OK);
  expect([run.items, run.verdict]).toEqual([{ 0: "succeeded", 1: "succeeded", 2: "succeeded" }, "succeeded"]);
});

test.each([
  ["skip", { task: "next", index: 0 }, "task-not-found: next has no items: it has no `forEach`"],
  ["skip", { index: 0 }, "task-state: the list of load is not made yet"],
] as const)("controls - %s of %j is refused: %s", (kind, input, why) => {
  expect(ask(new Spread({}, {}, NEXT), kind, input)).toBe(why);
});

test("controls - an index that is not there is refused", () => {
  const run = new Spread().over(listOf(2));
  expect(ask(run, "skip", { index: 2 })).toBe("task-not-found: load has no item 2: it has 2, from 0");
});

const asks = fc.record({
  kind: fc.constantFrom("retry", "clear", "mark", "skip", "cancelTask"),
  index: fc.option(fc.nat({ max: 5 }), { nil: undefined }),
  state: fc.constantFrom("succeeded", "failed", "skipped"),
  ends: fc.nat({ max: 3 }),
});

test("controls - of items, at any time, twice as once: nothing starts twice, the counts are sound, the run ends", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(OK, EXIT3, EXIT99), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 3 }),
      fc.boolean(),
      fc.array(asks, { minLength: 1, maxLength: 6 }),
      (outcomes, parallelism, failFast, wanted) => {
        const run = new Spread({ parallelism, exitCodes: { skip: [99] } }, { failFast }, NEXT).over(
          listOf(outcomes.length),
        );
        const outcomeOf = (unit: string): Outcome => outcomes[Number(/\d+/.exec(unit)?.[0] ?? 0)] ?? OK;
        for (const { kind, index, state, ends } of wanted) {
          for (let end = 0; end < ends; end += 1) {
            run.start();
            const [unit] = run.running;
            if (unit !== undefined) run.end(unit, outcomeOf(unit));
          }
          const fields = { task: "load", ...(index !== undefined && { index }), ...(kind === "mark" && { state }) };
          const what = asControl(kind, fields);
          if (refusal(run.graph, run.state, what) !== undefined) continue;
          const before = reportOf(run.graph, run.state, false, "all").tasks;
          const said = preview(run.graph, run.state, what).map(unitOfChange);
          const { stops } = control(run.graph, run.state, what);
          const after = reportOf(run.graph, run.state, false, "all").tasks;
          const moved = Object.keys(after).filter((task) => before[task]?.state !== after[task]?.state);
          const items = (after["load"]?.items ?? []).flatMap((item, at) =>
            before["load"]?.items?.[at]?.state === item.state ? [] : [`load[${at}]`],
          );
          expect(new Set(said)).toEqual(new Set([...moved, ...items, ...stops.map(unitKey)]));
          const once = JSON.stringify(run.state);
          if (refusal(run.graph, run.state, what) === undefined) control(run.graph, run.state, what);
          expect(JSON.stringify(run.state)).toBe(once);
        }
        run.play(() => OK);
        expect(isSettled(run.state)).toBe(true);
        expect(new Set(run.started).size).toBe(run.started.length);
        expect(run.state.running).toBe(0);
        expect(run.most).toBeLessThanOrEqual(parallelism);
        expect(run.state.items?.["load"]).toMatchObject({ open: 0, running: 0 });
      },
    ),
    { numRuns: 500 },
  );
});

function unitOfChange({ task, index }: { readonly task: string; readonly index?: number }): string {
  return index === undefined ? task : `${task}[${index}]`;
}
