import { expect, test } from "vitest";
import { control, preview } from "./controls.ts";
import { reportOf } from "./report.ts";
import { apply, isOver, isSettled } from "./run-state.ts";
import { takeStarts } from "./starts.ts";
import { verdict } from "./verdict.ts";
import { asControl, EXIT3, graph, name, OK, Played } from "./testing/played.ts";

const fails =
  (...names: string[]) =>
  (task: string) =>
    names.includes(task) ? EXIT3 : OK;
const DIAMOND = { a: "", b: "a", c: "a", d: "b c" };

test("pause - nothing new starts, what runs goes on; a paused run stays open; resume goes on; who and why are kept", () => {
  const run = new Played(graph({ a: "", b: "a" }));
  takeStarts(run.graph, run.state);
  expect(run.ask("pause", { by: "anna", note: "disk" })).toEqual({ changes: [] });
  run.go(() => OK);
  expect(run.kinds).toEqual({ a: "succeeded", b: "ready" });
  expect(reportOf(run.graph, run.state, false)).toMatchObject({
    state: "paused",
    controls: [{ n: 1, control: "pause", by: "anna", note: "disk" }],
  });
  run.ask("pause");
  expect(run.state.controls).toHaveLength(1);
  run.ask("resume");
  run.go(() => OK);
  expect([run.started, isOver(run.state)]).toEqual([["b.1"], true]);
  run.ask("pause");
  expect([isSettled(run.state), isOver(run.state)]).toEqual([true, false]);
  run.ask("cancel", { reason: "enough", by: "bo" });
  expect([isOver(run.state), verdict(run.graph, run.state)]).toEqual([true, "cancelled"]);
});

test("cancel - while paused: unstarted is skipped with the reason and who gave it; nothing else is taken after it", () => {
  const run = new Played(graph(DIAMOND)).go(() => OK, 1);
  run.ask("pause");
  expect(run.ask("cancel", { reason: "wrong day", by: "anna" })).toEqual({
    changes: ["b waiting → skipped", "c waiting → skipped", "d waiting → skipped"],
  });
  expect(run.state.tasks["d"]).toEqual({ kind: "skipped", reason: "the run was cancelled by anna: wrong day" });
  expect(run.ask("retry")).toEqual({ refused: "run-closed: the run is being cancelled" });
  expect(run.ask("cancel")).toEqual({ changes: [] });
});

test("cancelTask - the attempt is stopped and has been cancelled however it ends; no other follows; what is settled is refused", () => {
  const run = new Played(graph({ a: "", b: "a", c: "" }, 3)).go(() => OK, 0);
  takeStarts(run.graph, run.state);
  expect(run.ask("cancelTask", { task: "a", by: "anna" })).toEqual({ changes: ["a running → failed"] });
  expect(control(run.graph, run.state, asControl("cancelTask", { task: "a" })).stops).toEqual([]);
  run.go(() => OK);
  expect(run.state.tasks["a"]).toMatchObject({ outcome: { kind: "cancelled", message: "cancelled by anna" } });
  expect(run.kinds).toEqual({ a: "failed", b: "upstream_failed", c: "succeeded" });
  expect(run.ask("cancelTask", { task: "c" })).toEqual({
    refused: "task-state: c is succeeded: it has no attempt to stop",
  });
});

test("cancelTask - between two attempts; the delay that goes on then starts nothing, also after a retry", () => {
  const run = new Played(graph({ a: "" }, 3));
  takeStarts(run.graph, run.state);
  const change = { kind: "ended", task: name("a"), attempt: 1, outcome: EXIT3 } as const;
  expect(apply(run.graph, run.state, change).delays).toMatchObject([{ attempt: 2 }]);
  expect(run.ask("cancelTask", { task: "a" })).toEqual({ changes: ["a retrying → failed"] });
  expect(run.ask("retry")).toEqual({ changes: ["a failed → waiting"] });
  expect(takeStarts(run.graph, run.state)).toEqual([{ task: "a", attempt: 2 }]);
  apply(run.graph, run.state, { ...change, attempt: 2 });
  apply(run.graph, run.state, { kind: "due", task: name("a"), attempt: 2 });
  expect(run.kinds).toEqual({ a: "delayed" });
});

test("mark - what was decided by the old state is decided anew, what has run stays; a running task is refused", () => {
  const run = new Played(graph({ ...DIAMOND, e: "d" })).go(fails("b"));
  expect(run.ask("mark", { task: "b", state: "succeeded", by: "anna", note: "by hand" })).toEqual({
    changes: ["b failed → succeeded", "d upstream_failed → waiting", "e upstream_failed → waiting"],
  });
  expect(reportOf(run.graph, run.state, false).tasks["b"]).toMatchObject({
    state: "succeeded",
    attempts: 1,
    reason: "marked succeeded by anna: by hand",
  });
  takeStarts(run.graph, run.state);
  expect(run.ask("mark", { task: "d", state: "failed" })).toEqual({ refused: "task-state: d is running" });
  run.go(() => OK);
  expect(verdict(run.graph, run.state)).toBe("succeeded");
  expect(run.ask("mark", { task: "b", state: "failed" })).toEqual({ changes: ["b succeeded → failed"] });
  expect(run.kinds["d"]).toBe("succeeded");
});

test("skip - a task that has not started, and what needs it; later it stays so whatever its upstream becomes", () => {
  const run = new Played(graph({ a: "", b: "a", c: "b" }));
  expect(run.ask("skip", { task: "b", note: "not today" })).toEqual({
    changes: ["b waiting → skipped", "c waiting → skipped"],
  });
  run.go(fails("a"));
  expect(run.ask("mark", { task: "a", state: "succeeded" })).toEqual({ changes: ["a failed → succeeded"] });
  expect(run.state.tasks["b"]).toMatchObject({ kind: "skipped", reason: "marked skipped: not today" });
  expect(run.ask("skip", { task: "a" })).toEqual({
    refused: "task-state: a is succeeded: only a task that has not started is skipped",
  });
});

test("retry - the failed and what depends on them; attempt numbers go on, the budget begins anew", () => {
  const run = new Played(graph({ ...DIAMOND, x: "" }, 1)).go(fails("b"));
  expect(run.started).toEqual(["a.1", "x.1", "b.1", "c.1", "b.2"]);
  expect(run.ask("retry")).toEqual({ changes: ["b failed → waiting", "d upstream_failed → waiting"] });
  expect(reportOf(run.graph, run.state, false).tasks["b"]).toEqual({ state: "waiting", attempts: 2 });
  run.go(fails("b"));
  expect(run.started.slice(5)).toEqual(["b.3", "b.4"]);
  run.ask("retry", { task: "b" });
  run.go(() => OK);
  expect(run.started.slice(7)).toEqual(["b.5", "d.1"]);
  expect([verdict(run.graph, run.state), run.state.failures]).toEqual(["succeeded", []]);
  expect(run.ask("retry", { task: "a" })).toEqual({ refused: "task-state: a has not failed: it is succeeded" });
  expect(run.ask("retry")).toEqual({ changes: [] });
});

test("clear - a settled task and what depends on it; upstream and downstream choose; what runs is refused", () => {
  const run = new Played(graph({ ...DIAMOND, e: "d" })).go(() => OK);
  const dry = (input: object) => {
    const changes = preview(run.graph, run.state, asControl("clear", input));
    return changes.map(({ task, to }) => (to === "waiting" ? task : to)).join(" ");
  };
  expect(dry({ task: "b" })).toBe("b d e");
  expect(dry({ task: "b", downstream: false })).toBe("b");
  expect(dry({ task: "b", upstream: true })).toBe("a b d e");
  expect(dry({ task: "d", upstream: true, downstream: false })).toBe("a b c d");
  run.ask("clear", { task: "b" });
  takeStarts(run.graph, run.state);
  expect(run.ask("clear", { task: "b" })).toEqual({
    refused: "task-state: b is under way and would have to run again",
  });
  expect(run.ask("clear", { task: "a" })).toEqual({
    refused: "task-state: b is under way and would have to run again",
  });
  run.go(() => OK);
  expect(run.kinds["e"]).toBe("succeeded");
  expect(run.ask("clear", { task: "zz" })).toEqual({ refused: 'task-not-found: the run has no task "zz"' });
});

test("retry - refused while a task that would run again waits for its next attempt, its delay over: no attempt comes twice", () => {
  const run = new Played(graph({ a: "", b: "a" }, 1, () => "all_done")).go(() => EXIT3, 3);
  expect(run.kinds).toEqual({ a: "failed", b: "ready" });
  expect(run.ask("retry", { task: "a" })).toEqual({
    refused: "task-state: b is under way and would have to run again",
  });
  expect(run.go(() => OK).started).toEqual(["a.1", "a.2", "b.1", "b.2"]);
});
