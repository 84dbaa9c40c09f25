import fc from "fast-check";
import { expect, test } from "vitest";
import { graphFrom, type GraphNode } from "./graph.ts";

import type { Outcome } from "./outcome.ts";
import { EXIT3, first, graph, kinds, LOST, name, NO_CODES, OK, play, RETRIES } from "./played.ts";
import { reportOf } from "./report.ts";
import type { RetryPolicy } from "./retry.ts";
import { ALL_SUCCESS, type Gate } from "./rules.ts";
import { apply, beginRun, isSettled } from "./run-state.ts";
import { takeStarts } from "./starts.ts";
import type { Effects } from "./task-state.ts";
import { verdict } from "./verdict.ts";

test("run state - a noop succeeds at once and what follows it is ready", () => {
  // start ─┬─ pass
  //        └─ fail
  const dag = graph({ start: "", pass: "start", fail: "start" }, { noops: ["start"] });
  const { state, effects } = beginRun(dag, "seed");
  expect(effects.settled).toEqual([{ task: "start" }]);
  expect(takeStarts(dag, state)).toEqual([
    { task: "pass", attempt: 1 },
    { task: "fail", attempt: 1 },
  ]);
});

test("run state - a failure reaches everything below it, and only that", () => {
  // a ── b ── c ── d
  // x ───────────── y
  const dag = graph({ a: "", b: "a", c: "b", d: "c", x: "", y: "x" });
  const end = play(dag, (task) => (task === "b" ? EXIT3 : OK), first);
  expect(kinds(end.state)).toEqual({
    a: "succeeded",
    b: "failed",
    c: "upstream_failed",
    d: "upstream_failed",
    x: "succeeded",
    y: "succeeded",
  });
  expect(end.verdict).toBe("failed");
  expect(reportOf(dag, end.state, true).tasks.d).toEqual({
    state: "upstream_failed",
    attempts: 0,
    reason: "c did not succeed",
  });
});

test("run state - limit counts what the task did, disruptions what was done to it", () => {
  const dag = graph({ a: "" }, { limit: 1 });
  const outcomes = [LOST, EXIT3, LOST, LOST, OK];
  const end = play(dag, (_, attempt) => outcomes[attempt - 1] ?? EXIT3, first);
  expect(end.started).toEqual(["a.1", "a.2", "a.3", "a.4", "a.5"]);
  expect(end.verdict).toBe("succeeded");
  expect(play(dag, () => EXIT3, first).started).toEqual(["a.1", "a.2"]);
  expect(play(dag, () => LOST, first).started).toEqual(["a.1", "a.2", "a.3", "a.4"]);
});

test.each([
  ["interrupted", 4],
  ["preempted", 4],
  ["node_lost", 4],
  ["evicted", 4],
  ["unschedulable", 2],
  ["config", 2],
  ["rejected", 1],
  ["cancelled", 1],
] as const)("run state - an attempt that always ends as %s is made %i times", (kind, attempts) => {
  const dag = graph({ a: "" }, { limit: 1 });
  expect(play(dag, () => ({ kind, message: kind }), first).started).toHaveLength(attempts);
});

test("run state - an init container's failure counts as the task's own", () => {
  const outcome: Outcome = {
    kind: "init",
    container: "fetch",
    exitCode: 2,
    message: "init container fetch: exit code 2",
  };
  expect(play(graph({ a: "" }, { limit: 2 }), () => outcome, first).started).toHaveLength(3);
});

test("run state - a pod that its node refused is made again, one that the API server refused is not", () => {
  const refused: Outcome = { kind: "rejected", message: "refused by node n: OutOfcpu", neverStarted: true };
  expect(play(graph({ a: "" }), (_, attempt) => (attempt === 1 ? refused : OK), first).started).toEqual(["a.1", "a.2"]);
});

test("run state - what was gone before it started is free five times, and uses up nothing else", () => {
  const dag = graph({ a: "" }, { limit: 1 });
  const unstarted: Outcome = { kind: "interrupted", message: "deleted", neverStarted: true };
  expect(play(dag, () => unstarted, first).started).toHaveLength(6);
  const outcomes = [unstarted, LOST, unstarted, LOST, EXIT3, unstarted, LOST, OK];
  const end = play(dag, (_, attempt) => outcomes[attempt - 1] ?? EXIT3, first);
  expect([end.started.length, end.verdict]).toEqual([8, "succeeded"]);
});

test("run state - the delay has 0 to 20 % jitter, the same for the same attempt", () => {
  const dag = graph({ a: "" }, { limit: 1 });
  const delay = (seed: string): number => {
    const { state } = beginRun(dag, seed);
    takeStarts(dag, state);
    return apply(dag, state, { kind: "ended", task: name("a"), attempt: 1, outcome: EXIT3 }).delays[0]?.ms ?? 0;
  };
  fc.assert(
    fc.property(fc.string(), (seed) => {
      expect(delay(seed)).toBe(delay(seed));
      expect(delay(seed)).toBeGreaterThanOrEqual(1000);
      expect(delay(seed)).toBeLessThanOrEqual(1200);
    }),
  );
});

test.each([
  [{ factor: 2 }, [1000, 2000, 4000, 8000]],
  [{ factor: 10, maxDelayMs: 5000 }, [1000, 5000, 5000, 5000]],
  [{ delayMs: 900_000 }, [900_000, 900_000]],
  [{ delayMs: 0, factor: 2 }, [0, 0, 0]],
] as const)("run state - backoff %j", (retries, expected) => {
  const dag = graph({ a: "" }, { limit: expected.length, retries });
  const { state } = beginRun(dag, "seed");
  for (const [at, least] of expected.entries()) {
    takeStarts(dag, state);
    const { delays } = apply(dag, state, { kind: "ended", task: name("a"), attempt: at + 1, outcome: EXIT3 });
    expect(delays[0]?.ms).toBeGreaterThanOrEqual(least);
    expect(delays[0]?.ms).toBeLessThanOrEqual(least * 1.2);
    apply(dag, state, { kind: "due", task: name("a") });
  }
});

test("run state - retries.disruptions: 0 is for work that must not repeat", () => {
  const dag = graph({ a: "" }, { limit: 5, retries: { disruptions: 0 } });
  expect(play(dag, () => LOST, first).started).toEqual(["a.1"]);
});

test("run state - an unreachable pod may still run: another is made only where the task itself says so", () => {
  const unreachable: Outcome = { kind: "unreachable", message: "it may still run" };
  const always = (retries: Partial<RetryPolicy>) =>
    play(graph({ a: "" }, { limit: 5, retries }), () => unreachable, first).started.length;
  expect([always({}), always({ acceptsOverlap: true }), always({ acceptsOverlap: true, disruptions: 1 })]).toEqual([
    1, 4, 2,
  ]);
});

test("run state - exitCodes.skip: the task is skipped, and so is what needs it; the run is green", () => {
  const dag = graph({ a: "", b: "a" }, { limit: 2, exitCodes: { skip: [3], fail: [] } });
  const end = play(dag, () => EXIT3, first);
  expect(end.started).toEqual(["a.1"]);
  expect(reportOf(dag, end.state, true)).toMatchObject({
    state: "succeeded",
    tasks: {
      a: { state: "skipped", attempts: 1, reason: "exit code 3" },
      b: { state: "skipped", attempts: 0, reason: "an upstream was skipped" },
    },
  });
});

test("run state - exitCodes look at the code that main ended with, not at one that others gave it", () => {
  const codes = { limit: 2, exitCodes: { skip: [3], fail: [137] } };
  const oom: Outcome = { kind: "oom_killed", exitCode: 137, message: "out of memory" };
  const interrupted: Outcome = { kind: "interrupted", exitCode: 3, message: "deleted" };
  const init: Outcome = { kind: "init", container: "i", exitCode: 3, message: "init" };
  expect(play(graph({ a: "" }, codes), () => oom, first).started).toEqual(["a.1"]);
  expect(play(graph({ a: "" }, codes), () => interrupted, first).started).toHaveLength(4);
  expect(play(graph({ a: "" }, codes), () => init, first).started).toHaveLength(3);
});

test("run state - cancel: running fails when it ends, whatever it says; unstarted is skipped; nothing starts", () => {
  const dag = graph({ a: "", b: "a", c: "" }, { limit: 3 });
  const { state } = beginRun(dag, "seed");
  takeStarts(dag, state);
  apply(dag, state, { kind: "ended", task: name("c"), attempt: 1, outcome: EXIT3 });
  const { stops } = apply(dag, state, { kind: "cancel", reason: "enough" });
  expect(stops).toEqual([{ task: "a" }]);
  expect(takeStarts(dag, state)).toEqual([]);
  apply(dag, state, { kind: "ended", task: name("a"), attempt: 1, outcome: OK });
  expect(isSettled(state)).toBe(true);
  expect(kinds(state)).toEqual({ a: "failed", b: "skipped", c: "failed" });
  expect(verdict(dag, state)).toBe("cancelled");
});

test("run state - a change that comes twice, late or for nobody does nothing", () => {
  const dag = graph({ a: "", b: "a" });
  const { state } = beginRun(dag, "seed");
  takeStarts(dag, state);
  const ended = { kind: "ended", task: name("a"), attempt: 1, outcome: OK } as const;
  apply(dag, state, ended);
  const before = JSON.stringify(state);
  const nothing: Effects = {
    settled: [],
    holds: [],
    held: [],
    asks: [],
    gives: [],
    delays: [],
    stops: [],
    unwatched: [],
    cleared: [],
    tells: [],
    waits: [],
  };
  expect(apply(dag, state, ended)).toEqual(nothing);
  expect(apply(dag, state, { ...ended, task: name("nobody") })).toEqual(nothing);
  expect(apply(dag, state, { kind: "due", task: name("b") })).toEqual(nothing);
  expect(JSON.stringify(state)).toBe(before);
});

test("run state - a chain of 10,000 tasks settles without recursion", () => {
  const tasks = Array.from({ length: 10_000 }, (_, i) => [`t${i}`, i === 0 ? "" : `t${i - 1}`]);
  const names = tasks.map(([task]) => task ?? "");
  const nodes = tasks.map(([task = "", upstream = ""], i): GraphNode => {
    const after = upstream === "" ? [] : [name(upstream)];
    const before = i === 9_999 ? [] : [name(`t${i + 1}`)];
    const policy = { gate: ALL_SUCCESS, retries: RETRIES, exitCodes: NO_CODES, outputs: {} };
    return { name: name(task), kind: "pod", after, before, ...policy };
  });
  const dag = graphFrom(nodes);
  const { state } = beginRun(dag, "seed");
  takeStarts(dag, state);
  apply(dag, state, { kind: "ended", task: name(names[0] ?? ""), attempt: 1, outcome: EXIT3 });
  expect(isSettled(state)).toBe(true);
  expect(verdict(dag, state)).toBe("failed");
});

test("run state - a skipped leaf hands the question to its upstreams", () => {
  // check ─┬─ merge (all_failed)
  // other ─┘
  const gates: Record<string, Gate> = { merge: { kind: "rule", rule: "all_failed" } };
  const dag = graph({ check: "", other: "", merge: "check other" }, { gates });
  const end = play(dag, (task) => (task === "check" ? EXIT3 : OK), first);
  expect(kinds(end.state)).toMatchObject({ merge: "skipped" });
  expect(end.verdict).toBe("failed");
});
