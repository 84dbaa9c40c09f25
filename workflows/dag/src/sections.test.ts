import fc from "fast-check";
import { expect, test } from "vitest";
import { failureMessage, failuresOf } from "./failures.ts";
import { type Graph, graphOf } from "./graph.ts";
import type { JsonObject } from "./json.ts";
import type { Outcome } from "./outcome.ts";
import { EXIT3, first, kinds, name, OK, play } from "./played.ts";
import { compileDag } from "./read/compile.ts";
import { told } from "./read/compiled-task.ts";
import { readDagJson } from "./read/dag-file.ts";
import { reportOf } from "./report.ts";
import { RULES } from "./rules.ts";
import { apply, beginRun, isSettled } from "./run-state.ts";
import { isStopping, takeStarts } from "./starts.ts";
import type { RunState } from "./task-state.ts";
import { verdict } from "./verdict.ts";

const pod = (more: JsonObject = {}): JsonObject => ({ image: "x", exitCodes: { skip: [99] }, ...more });

function graph(dag: JsonObject): Graph {
  const read = readDagJson({ dag: "d", ...dag });
  const compiled = read.kind === "ok" ? compileDag(read.value, {}) : read;
  if (compiled.kind === "refused") throw new Error(told(compiled));
  return graphOf(compiled.value);
}
const failing =
  (...tasks: string[]) =>
  (task: string): Outcome =>
    tasks.includes(task) ? EXIT3 : OK;

/** Begins, and starts what may. */
function begin(dag: Graph): {
  readonly state: RunState;
  readonly starts: () => string[];
  readonly end: (task: string, outcome?: Outcome) => void;
} {
  const { state } = beginRun(dag, "seed");
  const end = (task: string, outcome: Outcome = OK) =>
    void apply(dag, state, { kind: "ended", task: name(task), attempt: 1, outcome });
  return { state, starts: () => takeStarts(dag, state).map(({ task }) => task), end };
}

test("sections - finally: it runs when all tasks are done, whatever happened; it turns green to red, not red to green", () => {
  const dag = graph({
    tasks: { a: pod(), b: pod({ after: "a" }) },
    finally: { f: pod(), g: pod({ after: "f" }), h: pod({ after: { a: "succeeded" } }) },
  });
  const red = play(dag, failing("a"), first);
  expect(red.started).toEqual(["a.1", "f.1", "g.1"]);
  expect([red.verdict, kinds(red.state)["h"]]).toEqual(["failed", "upstream_failed"]);
  expect(play(dag, failing(), first).verdict).toBe("succeeded");
  const turned = play(dag, failing("f"), first);
  expect([turned.verdict, turned.started]).toEqual(["failed", ["a.1", "b.1", "f.1", "h.1", "g.1"]]);
  expect(failureMessage(dag, turned.state)).toBe("in finally: f failed: exit code 3");
});

test("sections - the first cause is named, not the last effect; what failed in finally comes second", () => {
  const dag = graph({
    failFast: true,
    tasks: { g: { tasks: { x: pod(), y: pod() }, finally: { z: pod() } }, other: pod() },
    finally: { f: pod() },
  });
  const { state, starts, end } = begin(dag);
  expect(starts()).toEqual(["g.x", "g.y", "other"]);
  for (const task of ["g.y", "g.x", "other"]) end(task, EXIT3);
  for (const task of [...starts(), ...starts()]) end(task, EXIT3);
  for (const task of starts()) end(task, EXIT3);
  expect(isSettled(state)).toBe(true);
  expect(failureMessage(dag, state)).toBe(
    "g.y failed: exit code 3; in finally: g.z failed: exit code 3 (and 1 more task failed)",
  );
  expect(failuresOf(dag, state).map(({ task, place }) => [task, place])).toEqual([
    ["g.y", "tasks"],
    ["g.z", "cleanup"],
    ["f", "finally"],
  ]);
});

test("sections - cancel: nothing of tasks starts, finally runs, the run is cancelled", () => {
  const dag = graph({ tasks: { a: pod(), b: pod({ after: "a" }) }, finally: { f: pod() } });
  const { state, starts, end } = begin(dag);
  starts();
  expect(apply(dag, state, { kind: "cancel", reason: "enough" }).stops).toEqual([{ task: "a" }]);
  expect([isStopping(state), starts()]).toEqual([true, []]);
  end("a");
  expect([isStopping(state), starts()]).toEqual([false, ["f"]]);
  expect(apply(dag, state, { kind: "cancel", reason: "again" }).stops).toEqual([]);
  end("f");
  expect(kinds(state)).toEqual({ a: "failed", b: "skipped", f: "succeeded" });
  expect(verdict(dag, state)).toBe("cancelled");
});

test("sections - cancel while finally runs: it goes on", () => {
  const dag = graph({ tasks: { a: { noop: {} } }, finally: { f: pod() } });
  const { state, starts, end } = begin(dag);
  expect(starts()).toEqual(["f"]);
  expect(apply(dag, state, { kind: "cancel", reason: "enough" }).stops).toEqual([]);
  end("f");
  expect([kinds(state)["f"], verdict(dag, state)]).toEqual(["succeeded", "cancelled"]);
});

test("sections - the run's timeout: running fails with it, unstarted is skipped, finally runs; late it changes nothing", () => {
  const dag = graph({
    timeout: "90s",
    tasks: { a: pod({ retries: 3 }), b: pod({ after: "a" }) },
    finally: { f: pod() },
  });
  const { state, starts, end } = begin(dag);
  starts();
  expect(apply(dag, state, { kind: "timeout" }).stops).toEqual([{ task: "a" }]);
  end("a", EXIT3);
  starts();
  const before = JSON.stringify(state);
  apply(dag, state, { kind: "timeout" });
  expect(JSON.stringify(state)).toBe(before);
  end("f");
  const message = "not done within the run's timeout (1m30s)";
  expect(reportOf(dag, state, true)).toMatchObject({
    state: "failed",
    tasks: { a: { kind: "timeout", message }, b: { state: "skipped", reason: message }, f: { state: "succeeded" } },
  });
  expect(failureMessage(dag, state)).toBe(`a failed: ${message}`);
});

test("sections - failFast: of a group it breaks off the group alone; of the DAG whatever fails below it", () => {
  const tasks = { g: { failFast: true, tasks: { x: pod(), y: pod(), z: pod({ after: "y" }) } }, other: pod() };
  const inGroup = graph({ tasks });
  const { state, starts, end } = begin(inGroup);
  starts();
  expect(apply(inGroup, state, { kind: "ended", task: name("g.x"), attempt: 1, outcome: EXIT3 }).stops).toEqual([
    { task: "g.y" },
  ]);
  end("g.y");
  end("other");
  expect(kinds(state)).toMatchObject({ "g.z": "skipped", g: "failed", other: "succeeded" });
  expect(reportOf(inGroup, state, true).tasks).toMatchObject({
    g: { kind: "exit", message: "g.x failed: exit code 3" },
    "g.y": { kind: "cancelled", message: "failFast: g.x failed" },
  });
  const whole = begin(graph({ failFast: true, tasks: { ...tasks, last: pod({ after: "other" }) } }));
  whole.starts();
  whole.end("g.x", EXIT3);
  expect(kinds(whole.state)).toMatchObject({ other: "running", last: "skipped", g: "open" });
});

test("sections - a group is judged as a run is, and what waits for it waits for its finally too", () => {
  const dag = graph({
    tasks: {
      g: { tasks: { x: pod(), y: pod({ after: "x", rule: "all_failed" }) }, finally: { f: pod() } },
      z: pod({ after: "g" }),
    },
  });
  expect(play(dag, failing(), first).started).toEqual(["g.x.1", "g.f.1", "z.1"]);
  const mended = play(dag, failing("g.x"), first);
  expect([mended.verdict, kinds(mended.state)["g"]]).toEqual(["succeeded", "succeeded"]);
  const turned = play(dag, failing("g.f"), first);
  expect(kinds(turned.state)).toMatchObject({ g: "failed", z: "upstream_failed" });
  expect(turned.state.failures).toEqual(["g.f"]);
});

test("sections - a group that does not begin: its tasks, and its finally, end as it does", () => {
  const group = { tasks: { x: pod(), in: { tasks: { y: pod() } } }, finally: { f: pod() } };
  const dag = graph({
    tasks: { a: pod(), g: { ...group, after: "a" }, h: { ...group, after: "a", rule: "all_failed" } },
  });
  const end = play(dag, failing("a"), first);
  expect(kinds(end.state)).toMatchObject({
    g: "upstream_failed",
    "g.x": "upstream_failed",
    "g.in.y": "upstream_failed",
  });
  expect(reportOf(dag, end.state, true).tasks["g.f"]).toMatchObject({ reason: "the group g did not begin" });
  const skipped = play(dag, failing(), first);
  expect(kinds(skipped.state)).toMatchObject({ h: "skipped", "h.x": "skipped", "h.in.y": "skipped", "h.f": "skipped" });
  expect(skipped.started).toEqual(["a.1", "g.x.1", "g.in.y.1", "g.f.1"]);
});

test("sections - a group whose if has no answer has failed, and is the cause; nothing of it runs", () => {
  const dag = graph({ failFast: true, tasks: { g: { if: "1 / 0 > 1", tasks: { x: pod() } }, other: pod() } });
  const { state, starts, end } = begin(dag);
  expect([kinds(state)["g"], starts()]).toEqual(["asking", ["other"]]);
  const answer = { kind: "broken", why: "division by zero" } as const;
  expect(apply(dag, state, { kind: "answered", task: name("g"), answer }).stops).toEqual([{ task: "other" }]);
  end("other");
  expect(kinds(state)).toEqual({ g: "failed", "g.x": "upstream_failed", other: "failed" });
  expect(failureMessage(dag, state)).toBe("g failed: if: division by zero");
});

test("sections - never more at once than its own parallelism and that of all around it", () => {
  const many = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`t${i}`, pod()]));
  const inner = { parallelism: 1, tasks: many };
  const dag = graph({ parallelism: 5, tasks: { g: { parallelism: 3, tasks: { in: inner, ...many } }, ...many } });
  const { state, starts, end } = begin(dag);
  const running = new Set<string>();
  const within = (group: string) => [...running].filter((task) => task.startsWith(group)).length;
  const most = { all: 0, g: 0, in: 0 };
  for (let round = 0; round < 30 && !isSettled(state); round += 1) {
    for (const task of starts()) running.add(task);
    most.all = Math.max(most.all, running.size);
    most.g = Math.max(most.g, within("g."));
    most.in = Math.max(most.in, within("g.in."));
    const [task = ""] = running;
    running.delete(task);
    end(task);
  }
  expect([isSettled(state), most]).toEqual([true, { all: 5, g: 3, in: 1 }]);
});

const SKIP: Outcome = { kind: "exit", exitCode: 99, message: "exit code 99" };

/** A section of up to four tasks, of which some are groups, and up to two under finally; each with any rule. */
const { section } = fc.letrec<{ section: JsonObject; task: JsonObject }>((tie) => {
  const named = (prefix: string, most: number, least: number) =>
    fc
      .array(fc.tuple(tie("task"), fc.array(fc.nat(), { maxLength: 3 }), fc.constantFrom(...RULES)), {
        minLength: least,
        maxLength: most,
      })
      .map((rows) =>
        Object.fromEntries(
          rows.map(([task, upstreams, rule], i): [string, JsonObject] => {
            const after = i === 0 ? [] : [...new Set(upstreams.map((n) => `${prefix}${n % i}`))];
            return [`${prefix}${i}`, { ...task, after, rule }];
          }),
        ),
      );
  return {
    task: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      fc.constant(pod()),
      fc.constant({ noop: {} }),
      tie("section"),
    ),
    section: fc.record({ tasks: named("t", 4, 1), finally: named("f", 2, 0) }),
  };
});

test("sections - any order of outcomes ends in the same states", () => {
  fc.assert(
    fc.property(
      section.map((dag) => graph(dag)),
      fc.infiniteStream(fc.constantFrom(OK, EXIT3, SKIP)),
      fc.infiniteStream(fc.nat()),
      (dag, results, order) => {
        const ends = new Map([...dag.keys()].map((task): [string, Outcome] => [task, results.next().value ?? OK]));
        const outcomeOf = (task: string): Outcome => ends.get(task) ?? OK;
        const inOrder = play(dag, outcomeOf, first);
        const shuffled = play(dag, outcomeOf, (running) => running[(order.next().value ?? 0) % running.length] ?? "");
        const messages = ({ state }: typeof inOrder) =>
          Object.fromEntries(Object.entries(state.tasks).map(([task, now]) => [task, now.kind]));
        expect(messages(shuffled)).toEqual(messages(inOrder));
        expect(shuffled.verdict).toBe(inOrder.verdict);
        expect(new Set(shuffled.started).size).toBe(shuffled.started.length);
      },
    ),
  );
});

test("sections - broken off at any moment, by a cancel or its timeout, a run settles, and starts no task after that", () => {
  fc.assert(
    fc.property(
      section.map((dag) => graph(dag)),
      fc.nat(12),
      fc.constantFrom("cancel", "timeout"),
      fc.infiniteStream(fc.constantFrom(OK, EXIT3, SKIP)),
      (dag, when, kind, results) => {
        const { state, starts, end } = begin(dag);
        const running: string[] = [];
        for (let round = 0; round < 300 && !isSettled(state); round += 1) {
          if (round === when) apply(dag, state, kind === "cancel" ? { kind, reason: "enough" } : { kind });
          running.push(...starts());
          if (round > when && state.sections[""]?.halt !== undefined)
            for (const task of running.filter((each) => state.tasks[each]?.kind === "running")) {
              const now = state.tasks[task];
              const inFinally = task.split(".").some((part) => part.startsWith("f"));
              expect(inFinally || (now?.kind === "running" && now.stop !== undefined)).toBe(true);
            }
          const task = running.shift();
          if (task !== undefined) end(task, results.next().value ?? OK);
        }
        expect(isSettled(state)).toBe(true);
        expect(Object.values(state.sections).every(({ tasks, last, running: at }) => tasks + last + at === 0)).toBe(
          true,
        );
        expect(state.running).toBe(0);
      },
    ),
  );
});
