import fc from "fast-check";
import { expect, test } from "vitest";
import { control } from "./controls.ts";
import { refusal } from "./refusal.ts";
import { type Graph, graphFrom, type GraphNode } from "./graph.ts";
import { apply, isOver } from "./run-state.ts";
import { settledState } from "./task-state.ts";
import { asControl, EXIT3, graph, name, OK, Played } from "./testing/played.ts";
import { verdict } from "./verdict.ts";

/**
 * a ─ g { up ─ work ─ check, finally down (after up) } ─ z, finally report
 */
function sections(failFast = false): Graph {
  const flat = graph({
    a: "",
    g: "a",
    "g.up": "",
    "g.work": "g.up",
    "g.check": "g.work",
    "g.down": "g.up",
    z: "g",
    report: "",
  });
  const nodes = [...flat.values()].map((node): GraphNode => {
    if (node.name === "g") return { ...node, kind: "group" };
    const final = ["g.down", "report"].includes(node.name)
      ? ({ final: true, gate: { kind: "rule", rule: "all_done" } } as const)
      : {};
    return { ...node, ...final, ...(node.name.startsWith("g.") && { group: name("g") }) };
  });
  return graphFrom(
    nodes,
    new Map([
      ["", {}],
      ["g", { failFast }],
    ]),
  );
}

const fails =
  (...names: string[]) =>
  (task: string) =>
    names.includes(task) ? EXIT3 : OK;

test("sections - a retry inside a group opens it again, and runs its finally with what that took away", () => {
  const run = new Played(sections());
  run.go(fails("g.work"), 5);
  expect(run.kinds).toMatchObject({ g: "failed", "g.work": "failed", "g.down": "succeeded", z: "upstream_failed" });
  run.ask("retry");
  expect(run.kinds).toMatchObject({
    a: "succeeded",
    g: "open",
    "g.up": "ready",
    "g.work": "waiting",
    "g.down": "waiting",
    z: "waiting",
  });
  run.go(() => OK);
  expect(new Set(Object.values(run.kinds))).toEqual(new Set(["succeeded"]));
  expect(run.started.filter((start) => start.startsWith("g."))).toEqual([
    "g.up.1",
    "g.work.1",
    "g.down.1",
    "g.up.2",
    "g.work.2",
    "g.check.1",
    "g.down.2",
  ]);
  expect([verdict(run.graph, run.state), isOver(run.state)]).toEqual(["succeeded", true]);
});

test("sections - what failFast broke off is tried again with what failed", () => {
  const run = new Played(sections(true)).go(fails("g.up"), 3);
  expect(run.kinds).toMatchObject({ "g.work": "skipped", "g.check": "skipped", g: "failed" });
  run.ask("retry");
  run.go(() => OK);
  expect(verdict(run.graph, run.state)).toBe("succeeded");
  expect(run.kinds["g.check"]).toBe("succeeded");
});

test("sections - a whole group is cleared, or skipped before it begins; its state is its tasks'", () => {
  const run = new Played(sections());
  expect(run.ask("mark", { task: "g.work", state: "succeeded" })).toEqual({
    refused: "task-state: the group g has not begun",
  });
  expect(run.ask("mark", { task: "g", state: "failed" }).refused).toContain("g is a group");
  run.go(() => OK, 5);
  run.ask("clear", { task: "g" });
  expect(run.kinds).toMatchObject({ a: "succeeded", g: "open", "g.up": "ready", "g.check": "waiting", z: "waiting" });
  run.go(() => OK, 2);
  expect(run.ask("clear", { task: "g" }).refused).toContain("g is under way");
  const other = new Played(sections());
  other.ask("skip", { task: "g" });
  expect(other.kinds).toMatchObject({ g: "skipped", "g.up": "skipped", "g.down": "skipped", z: "skipped" });
});

const kinds = ["retry", "clear", "mark", "skip", "cancelTask"] as const;
test("sections - any control at any time: the counts stay sound, twice is once, and the run ends", () => {
  const asks = fc.record({
    kind: fc.constantFrom(...kinds),
    task: fc.constantFrom("a", "g", "g.up", "g.work", "g.check", "g.down", "z", "report"),
    state: fc.constantFrom("succeeded", "failed", "skipped"),
    upstream: fc.boolean(),
    ends: fc.integer({ min: 0, max: 4 }),
    fails: fc.subarray(["a", "g.up", "g.work", "g.down", "z"]),
  });
  fc.assert(
    fc.property(fc.boolean(), fc.array(asks, { minLength: 1, maxLength: 6 }), (failFast, wanted) => {
      const run = new Played(sections(failFast));
      for (const { kind, task, state, upstream, ends, fails: bad } of wanted) {
        run.go(fails(...bad), ends);
        const fields = kind === "mark" ? { task, state } : kind === "clear" ? { task, upstream } : { task };
        const what = asControl(kind, fields);
        if (refusal(run.graph, run.state, what) !== undefined) continue;
        control(run.graph, run.state, what);
        const once = JSON.stringify(run.state);
        if (refusal(run.graph, run.state, what) === undefined) control(run.graph, run.state, what);
        expect(JSON.stringify(run.state)).toBe(once);
        isSound(run);
      }
      run.go(() => OK);
      isSound(run);
      expect(isOver(run.state)).toBe(true);
      expect(new Set(run.started).size).toBe(run.started.length);
    }),
    { numRuns: 300 },
  );
});

function isSound({ graph: of, state }: Played): void {
  const open = (names: readonly GraphNode[]): number =>
    names.filter(({ name: task }) => settledState(state.tasks[task]) === undefined).length;
  expect(state.unsettled).toBe(open([...of.values()]));
  for (const [group, { tasks, finally: last }] of of.sections)
    expect({ group, ...state.sections[group] }).toMatchObject({ group, tasks: open(tasks), last: open(last) });
  const ready = [...of.keys()].filter((task) => state.tasks[task]?.kind === "ready");
  expect(ready.filter((task) => !state.ready.some((unit) => unit.task === task))).toEqual([]);
}

test("sections - a group that failed before it began, at its own `if`, is tried again whole", () => {
  const dag = sections();
  const asking = graphFrom(
    [...dag.values()].map((node): GraphNode => (node.name === "g" ? { ...node, asks: true } : node)),
    new Map([
      ["", {}],
      ["g", {}],
    ]),
  );
  const run = new Played(asking).go(() => OK, 1);
  apply(run.graph, run.state, { kind: "answered", task: name("g"), answer: { kind: "broken", why: "no such key" } });
  expect(run.kinds).toMatchObject({ g: "failed", "g.up": "upstream_failed", z: "upstream_failed" });
  run.ask("retry");
  expect(run.kinds).toMatchObject({ g: "asking", "g.up": "waiting", z: "waiting" });
  // What was asked before the retry is answered late.
  apply(run.graph, run.state, { kind: "answered", task: name("g"), answer: { kind: "no" } });
  expect(run.kinds).toMatchObject({ g: "asking" });
  apply(run.graph, run.state, { kind: "answered", task: name("g"), pass: 2, answer: { kind: "yes" } });
  run.go(() => OK);
  expect([verdict(run.graph, run.state), run.kinds["g.check"]]).toEqual(["succeeded", "succeeded"]);
});
