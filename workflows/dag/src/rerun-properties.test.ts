/** Of DAGs at random, with items, groups and `finally`: what a run that goes on from a closed one runs. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { control } from "./controls.ts";
import { type Graph, graphOf } from "./graph.ts";
import type { TaskName } from "./ids.ts";
import { FAILED_ITEMS } from "./reset-items.ts";
import type { JsonObject } from "./json.ts";
import type { Outcome } from "./outcome.ts";
import { packRun } from "./packed-run.ts";
import { refusal } from "./refusal.ts";
import { goOn, type RerunControl } from "./rerun.ts";
import { reportOf } from "./report.ts";
import { RULES } from "./rules.ts";
import { isSettled } from "./run-state.ts";
import type { RunState } from "./task-state.ts";
import { AnyRun } from "./testing/any-run.ts";
import { asControl, EXIT3, EXIT99, name, OK } from "./testing/played.ts";
import { rerunOf } from "./testing/rerun.ts";
import { compiledDag } from "./testing/spread.ts";
import { unitKey, unitState } from "./units.ts";

const ITEMS = 3;
const OVER = { forEach: [0, 1, 2] };
const rows = fc.array(
  fc.record({
    above: fc.array(fc.nat(), { maxLength: 2 }),
    isNoop: fc.boolean(),
    isList: fc.boolean(),
    rule: fc.constantFrom(...RULES, "all_success", "all_success", "all_success"),
  }),
  { minLength: 1, maxLength: 6 },
);
type Rows = typeof rows extends fc.Arbitrary<infer T> ? T : never;

function tasksOf(prefix: string, of: Rows, ruled: boolean): JsonObject {
  return Object.fromEntries(
    of.map(({ above, isNoop, isList, rule }, at): [string, JsonObject] => {
      const after = at === 0 ? [] : [...new Set(above.map((n) => `${prefix}${n % at}`))];
      return [
        `${prefix}${at}`,
        {
          ...(isNoop && ruled ? { noop: {} } : { image: "x", exitCodes: { skip: [99] } }),
          ...(after.length > 0 && { after, ...(ruled && { rule }) }),
          ...(isList && OVER),
        },
      ];
    }),
  );
}

const plain = rows.map((all) => graphOf(compiledDag({ tasks: tasksOf("t", all, false) })));

/** Every rule; a group with a `finally`, one of the DAG. */
const anything = fc
  .record({
    outer: rows,
    inner: rows,
    last: rows,
    failFast: fc.boolean(),
    isList: fc.boolean(),
    parallelism: fc.constantFrom(1, 2, 100),
  })
  .map(({ outer, inner, last, failFast, isList, parallelism }) =>
    graphOf(
      compiledDag({
        failFast,
        parallelism,
        tasks: {
          ...tasksOf("t", outer, true),
          g: { after: "t0", rule: "all_done", tasks: tasksOf("u", inner, true), finally: tasksOf("v", last, true) },
          w: { image: "x", after: "g", rule: "all_done", ...(isList && OVER) },
        },
        finally: { z: { image: "x", ...(isList && OVER) } },
      }),
    ),
  );

const ends = fc.func(fc.constantFrom(OK, OK, EXIT3, EXIT99));
const toEnd = (graph: Graph, outcomeOf: (unit: string) => Outcome): AnyRun => new AnyRun(graph).go(outcomeOf);
const copyOf = (state: RunState): RunState => JSON.parse(JSON.stringify(state));

const asks = fc.record({
  kind: fc.constantFrom("retry", "retry", "clear"),
  at: fc.option(fc.nat(), { nil: undefined }),
  index: fc.option(fc.nat({ max: ITEMS - 1 }), { nil: undefined }),
  upstream: fc.boolean(),
  downstream: fc.boolean(),
});
type Ask = typeof asks extends fc.Arbitrary<infer T> ? T : never;

function asked({ graph }: AnyRun, { kind, at, index, upstream, downstream }: Ask): RerunControl {
  const names = [...graph.keys()];
  const task = at === undefined && kind === "retry" ? undefined : names[(at ?? 0) % names.length];
  const item = index !== undefined && task !== undefined && graph.get(task)?.each !== undefined ? { index } : {};
  const way = kind === "clear" ? { downstream, ...(item.index === undefined && { upstream }) } : {};
  const what = asControl(kind, task === undefined ? {} : { task, ...item, ...way });
  return what.kind === "retry" || what.kind === "clear" ? what : { kind: "retry" };
}

/** Of the run, every task, and the items of those that came to them: a list that nobody made anew is not there. */
function statesOf({ graph, state }: AnyRun): object {
  const { state: run, tasks } = reportOf(graph, state, true, "all");
  return Object.entries(tasks).map(([task, { state: now, items = [] }]) => {
    const hasRun = now === "succeeded" || now === "failed";
    return [run, task, now, hasRun ? items.map((item) => item.state) : []];
  });
}

test("rerun - any retry or clear of a closed run runs what the same control of the open run does, and ends as that", () => {
  fc.assert(
    fc.property(anything, ends, ends, asks, (graph, first, later, ask) => {
      // What a second failure breaks off depends on what has ended before it.
      const second = graph.sections.get("")?.failFast === true ? () => OK : later;
      const open = toEnd(graph, first);
      const what = asked(open, ask);
      const closed = copyOf(open.state);
      const end = goOn(graph, closed, "dag/d/1", what);
      expect(closed).toEqual(open.state);
      const refused = refusal(graph, open.state, what);
      if (refused !== undefined) {
        expect(end).toEqual(refused);
        return;
      }
      open.started.length = 0;
      open.carryOut(control(graph, open.state, what));
      if ("code" in end) {
        expect([end.code, isSettled(open.state)]).toEqual(["task-state", true]);
        return;
      }
      const next = new AnyRun(graph, rerunOf(graph, closed, what)).go(second);
      open.go(second);
      expect(next.started.toSorted()).toEqual(open.started.toSorted());
      expect(statesOf(next)).toEqual(statesOf(open));
      expect(new Set(next.started).size).toBe(next.started.length);
    }),
    { numRuns: 200 },
  );
});

/** Items, or the task itself, that failed, and everything that depends on them, where no skip keeps it from running. */
function dueIn({ graph, state: before }: AnyRun, { state: after }: AnyRun): string[] {
  const failed = [...graph.keys()].filter((task) => before.tasks[task]?.kind === "failed");
  const below = new Set(failed.flatMap((task) => graph.get(task)?.before ?? []));
  for (const task of below) for (const next of graph.get(task)?.before ?? []) below.add(next);
  const mayRun = (task: TaskName) =>
    !(graph.get(task)?.after ?? []).some((each) => after.tasks[each]?.kind !== "succeeded");
  const unitsOf = (task: TaskName) => {
    if (graph.get(task)?.each === undefined) return [task];
    return Array.from({ length: ITEMS }, (_, index) => ({ task, index })).flatMap((unit) => {
      const now = unitState(before, unit);
      return below.has(task) || (now !== undefined && FAILED_ITEMS(unit.index, now)) ? [unitKey(unit)] : [];
    });
  };
  return [...new Set([...failed, ...below])].filter(mayRun).flatMap(unitsOf).toSorted();
}

test("rerun - again and again: exactly what failed and what depends on it, until all is well", () => {
  fc.assert(
    fc.property(plain, fc.infiniteStream(fc.constantFrom(OK, OK, EXIT3, EXIT99)), (graph, outcomes) => {
      let run = toEnd(graph, () => outcomes.next().value ?? OK);
      for (let n = 2; run.state.failures.length > 0; n += 1) {
        const next = new AnyRun(graph, rerunOf(graph, run.state));
        next.go(() => (n > 5 ? OK : (outcomes.next().value ?? OK)));
        expect(next.started.toSorted()).toEqual(dueIn(run, next));
        run = next;
      }
      expect(goOn(graph, run.state, "dag/d/1", { kind: "retry" })).toMatchObject({ code: "task-state" });
    }),
    { numRuns: 200 },
  );
});

const grouped = fc.record({ outer: rows, inner: rows, last: rows }).map(({ outer, inner, last }) => {
  const g = { tasks: tasksOf("u", inner, false) };
  return graphOf(
    compiledDag({
      tasks: { ...tasksOf("t", outer, false), g, w: { image: "x", after: "g" } },
      finally: tasksOf("z", last, false),
    }),
  );
});

test("rerun - of a run that was broken off at any time: what had not succeeded, and nothing else but `finally`", () => {
  const endings = fc.constantFrom("cancel", "timeout", "terminated");
  fc.assert(
    fc.property(grouped, ends, fc.nat({ max: 12 }), endings, (graph, outcomes, most, ending) => {
      const run = new AnyRun(graph).go((unit) => (outcomes(unit) === EXIT99 ? OK : outcomes(unit)), most);
      // While only `finally` is left there is nothing to break off.
      if (run.state.sections[""]?.tasks === 0) return;
      if (ending === "cancel") run.apply({ kind: "cancel", reason: "enough" });
      if (ending === "timeout") run.apply({ kind: "timeout" });
      if (ending !== "terminated") run.go(() => OK);
      const isLast = (unit: string) => unit.startsWith("z");
      const all = new AnyRun(graph).go(() => OK).started;
      const done = all.filter((unit) => {
        const [, task = "", index] = /^([^[]+)(?:\[(\d+)\])?$/.exec(unit) ?? [];
        const of = { task: name(task), ...(index !== undefined && { index: Number(index) }) };
        return unitState(run.state, of)?.kind === "succeeded";
      });
      const next = new AnyRun(graph, rerunOf(graph, run.state)).go(() => OK);
      const due = all.filter((unit) => !done.includes(unit) || (ending !== "terminated" && isLast(unit)));
      const started = next.started.filter((unit) => due.includes(unit) || !isLast(unit));
      expect(started.toSorted()).toEqual(due.toSorted());
      expect(reportOf(graph, next.state, true).state).toBe("succeeded");
    }),
    { numRuns: 200 },
  );
});

test("rerun - what a run begins with is counted as what is there, and is not larger than what the run before left", () => {
  fc.assert(
    fc.property(anything, ends, asks, (graph, first, ask) => {
      const run = toEnd(graph, first);
      const end = goOn(graph, run.state, "dag/d/1", asked(run, ask));
      if ("code" in end) return;
      const { state } = end;
      const of = (kind: string) => Object.entries(state.tasks).filter(([, now]) => now.kind === kind);
      const settled = ["succeeded", "failed", "skipped", "upstream_failed"].flatMap(of).length;
      expect(state.unsettled).toBe(graph.size - settled);
      expect(state.failures.length).toBeLessThanOrEqual(of("failed").length);
      expect(state.outputBytes).toBeLessThanOrEqual(run.state.outputBytes);
      for (const [group, { tasks, last }] of Object.entries(state.sections)) {
        const section = graph.sections.get(group);
        const open = (names: readonly { readonly name: TaskName }[] = []) =>
          names.filter(
            ({ name }) =>
              !["succeeded", "failed", "skipped", "upstream_failed"].includes(state.tasks[name]?.kind ?? ""),
          ).length;
        expect([tasks, last]).toEqual([open(section?.tasks), open(section?.finally)]);
      }
      expect(JSON.stringify(packRun(graph, state, true)).length).toBeLessThan(10_000);
    }),
    { numRuns: 200 },
  );
});
