/** Approvals and waits, in a run that its test drives. */
import { expect, test } from "vitest";
import { graphOf } from "./graph.ts";
import type { TaskName } from "./ids.ts";
import { compileDag } from "./read/compile.ts";
import { readDagJson } from "./read/dag-file.ts";
import { told } from "./read/compiled-task.ts";
import { taskReport } from "./report.ts";
import { inFlight } from "./starts.ts";
import { apply } from "./run-state.ts";
import { asControl, name, OK, Played } from "./testing/played.ts";
import type { HoldEnd } from "./held.ts";
import type { JsonObject } from "./json.ts";
import { refusal } from "./refusal.ts";
import { failureMessage } from "./failures.ts";
import { verdict } from "./verdict.ts";

const HOLD = { reason: "Publish?", since: 0 };

/** review (an approval) → publish, and beside them a pod that goes on. */
function reviewed(approve: JsonObject | string = "Publish?", more: JsonObject = {}): Played {
  const tasks = {
    load: { image: "x" },
    review: { after: "load", approve, ...more },
    publish: { after: "review", image: "x" },
    other: { image: "x" },
  };
  const read = readDagJson({ dag: "d", tasks });
  const compiled = read.kind === "ok" ? compileDag(read.value, {}) : read;
  if (compiled.kind === "refused") throw new Error(told(compiled));
  return new Played(graphOf(compiled.value)).go(() => OK);
}

function end(run: Played, task: TaskName, how: HoldEnd, pass = 1): void {
  apply(run.graph, run.state, { kind: "over", task, pass, end: how });
}

test("approve - it begins when its upstreams let it, waits without a place, and an answer settles it", () => {
  const run = reviewed();
  expect(run.kinds).toEqual({ load: "succeeded", review: "held", publish: "waiting", other: "succeeded" });
  expect(run.state.running).toBe(0);
  expect(inFlight(run.graph, run.state)).toEqual({ starts: [], delays: [], asks: [], gives: [], holds: ["review"] });
  apply(run.graph, run.state, { kind: "holding", task: name("review"), pass: 1, hold: HOLD });
  const approval = { options: ["approve", "reject"] };
  expect(taskReport(run.graph, run.state, "review")).toEqual({
    state: "waiting",
    attempts: 0,
    reason: "Publish?",
    approval,
  });
  expect(run.ask("approve", { task: "review", choice: "approve", by: "anna", note: "looks right" })).toEqual({
    changes: ["review waiting → succeeded"],
  });
  expect(taskReport(run.graph, run.state, "review")).toEqual({
    state: "succeeded",
    attempts: 0,
    reason: "approve by anna: looks right",
    outputs: { choice: "approve", by: "anna", note: "looks right" },
  });
  expect(run.state.controls).toEqual([
    { n: 1, control: "approve", task: "review", choice: "approve", by: "anna", note: "looks right" },
  ]);
  expect(run.go(() => OK).kinds).toMatchObject({ publish: "succeeded" });
});

test("approve - reject: failed, kind rejected, with its outputs; what waits for it does not run", () => {
  const run = reviewed();
  run.ask("approve", { task: "review", choice: "reject", by: "bo" });
  expect(taskReport(run.graph, run.state, "review")).toMatchObject({
    state: "failed",
    kind: "rejected",
    message: "rejected by bo",
    outputs: { choice: "reject", by: "bo", note: null },
  });
  expect(run.kinds).toMatchObject({ publish: "upstream_failed" });
  expect(verdict(run.graph, run.state)).toBe("failed");
  expect(failureMessage(run.graph, run.state)).toBe("review failed: rejected by bo");
});

test("approve - refused: no approval, none that waits, no such option, nobody said who", () => {
  const run = reviewed({ message: "?", options: ["ship", "hold"], assignees: "group:leads" });
  const refused = (input: JsonObject) => refusal(run.graph, run.state, asControl("approve", input));
  expect(refused({ task: "other", choice: "ship" })).toMatchObject({
    code: "task-state",
    what: "other is no approval",
  });
  expect(refused({ task: "review", choice: "shp", by: "anna" })).toMatchObject({
    code: "bad-control",
    fix: 'did you mean "ship"?',
  });
  expect(refused({ task: "review", choice: "approve", by: "anna" })).toMatchObject({ fix: "answer with ship, hold" });
  expect(refused({ task: "review", choice: "ship", by: " " })).toMatchObject({
    code: "bad-control",
    fix: "say who: `by` (`--by NAME`)",
  });
  expect(refused({ task: "review", choice: "ship", by: "anna" })).toBeUndefined();
  run.ask("approve", { task: "review", choice: "ship", by: "anna" });
  expect(refused({ task: "review", choice: "hold", by: "bo" })).toMatchObject({ code: "task-state" });
  expect(() => asControl("approve", { task: "review" })).toThrow("approve: it needs task and choice");
});

test.each([
  ["ship", "succeeded", "ship: nobody answered within 8h"],
  ["reject", "failed", "rejected: nobody answered within 8h"],
  [undefined, "failed", "nobody answered within 8h"],
])("approve - nobody answers in time: the default %s counts, else failed by timeout", (choice, state, why) => {
  const run = reviewed(
    { message: "?", options: ["ship", "reject"], ...(choice && { default: choice }) },
    { timeout: "8h" },
  );
  end(run, name("review"), { kind: "timeout", message: "nobody answered within 8h" });
  const { reason, message, kind, outputs, ...found } = taskReport(run.graph, run.state, "review");
  expect({ state: found.state, why: message ?? reason }).toEqual({ state, why });
  expect(kind).toBe(choice === undefined ? "timeout" : choice === "reject" ? "rejected" : undefined);
  expect(outputs?.["choice"]).toBe(choice);
});

test("hold - cancelled with its run: failed, for it had begun; a late end changes nothing", () => {
  const run = reviewed();
  apply(run.graph, run.state, { kind: "cancel", reason: "enough" });
  expect(taskReport(run.graph, run.state, "review")).toMatchObject({ state: "failed", kind: "cancelled" });
  end(run, name("review"), { kind: "done" });
  expect(run.kinds).toMatchObject({ review: "failed", publish: "skipped" });
});

test("hold - cancel TASK and mark end it; skip and clear do not take it from under those who are asked", () => {
  const run = reviewed();
  expect(run.ask("skip", { task: "review" })).toMatchObject({ refused: expect.stringContaining("task-state") });
  expect(run.ask("clear", { task: "load" })).toMatchObject({ refused: expect.stringContaining("under way") });
  expect(run.ask("cancelTask", { task: "review", by: "anna" })).toEqual({
    changes: ["review waiting → failed", "publish waiting → upstream_failed"],
  });
  const other = reviewed();
  expect(other.ask("mark", { task: "review", state: "succeeded" })).toEqual({
    changes: ["review waiting → succeeded"],
  });
});

test("hold - cleared, it begins anew: ends and texts of the pass before say nothing of this one", () => {
  const run = reviewed();
  run.ask("approve", { task: "review", choice: "reject" });
  run.ask("retry");
  expect(run.kinds).toMatchObject({ review: "held", publish: "waiting" });
  end(run, name("review"), { kind: "timeout", message: "late" });
  apply(run.graph, run.state, { kind: "holding", task: name("review"), pass: 1, hold: HOLD });
  expect(taskReport(run.graph, run.state, "review").reason).toBeUndefined();
  end(run, name("review"), { kind: "done" }, 2);
  expect(run.kinds).toMatchObject({ review: "succeeded", publish: "ready" });
});

test("hold - while the run is paused it goes on, and nothing starts behind it", () => {
  const run = reviewed();
  run.ask("pause");
  run.ask("approve", { task: "review", choice: "approve" });
  expect(run.go(() => OK).kinds).toMatchObject({ review: "succeeded", publish: "ready" });
  run.ask("resume");
  expect(run.go(() => OK).kinds).toMatchObject({ publish: "succeeded" });
});

test("hold - a message's outputs are kept; one that cannot be waited for fails the task", () => {
  const event = { subject: "a.b", headers: {}, data: { n: 1 } };
  const run = reviewed();
  end(run, name("review"), { kind: "done", outputs: event });
  expect(taskReport(run.graph, run.state, "review")).toMatchObject({ state: "succeeded", outputs: event });
  const other = reviewed();
  end(other, name("review"), { kind: "broken", outcome: { kind: "config", message: "no" } });
  expect(taskReport(other.graph, other.state, "review")).toMatchObject({
    state: "failed",
    kind: "config",
    message: "no",
  });
});
