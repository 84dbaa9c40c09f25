import type { RunReport } from "@slipway/client";
import { expect, test } from "vitest";
import { live } from "./live.ts";
import { changeOfEvent, changesBetween, type EventView } from "./progress-line.ts";
import { testWorld } from "./test-world.ts";

const TIME = "2026-11-22T12:00:00Z";
function event(type: string, data: EventView["data"], more: Partial<EventView> = {}): EventView {
  return { type, time: TIME, data, ...more };
}
const first = { task: "a", attempt: 1 };

test.each([
  [event("run.started", { dag: "x" }), "running", "run started"],
  [
    event("run.finished", { state: "failed", message: "a failed: exit code 3" }),
    "failed",
    "run failed: a failed: exit code 3",
  ],
  [
    event("run.changed", {
      params: ["word", "count"],
      tasks: [],
      changed: 0,
      by: "anna",
      note: "the old word is gone",
    }),
    "changed",
    "run has new params (word, count): the old word is gone",
  ],
  [event("task.waiting", { reason: "no worker" }, { task: "a" }), "waiting", "waiting: no worker"],
  [event("task.finished", { state: "succeeded" }, { task: "a" }), "succeeded", "succeeded"],
  [
    event("task.skipped", { state: "upstream_failed", reason: "b did not succeed" }, { task: "a" }),
    "upstream_failed",
    "upstream_failed: b did not succeed",
  ],
  [
    event("attempt.blocked", { reason: "Unschedulable", message: "0/1 nodes" }, first),
    "waiting",
    "attempt 1 blocked: 0/1 nodes",
  ],
  [event("attempt.started", {}, first), "running", "attempt 1 running"],
  [event("attempt.finished", { kind: "succeeded", message: "" }, first), "succeeded", "attempt 1 succeeded"],
  [
    event("attempt.finished", { outcome: { kind: "exit", message: "exit code 3" } }, first),
    "failed",
    "attempt 1 failed: exit code 3",
  ],
  [event("log.gap", { reason: "rotated" }, first), "failed", "attempt 1 log gap: rotated"],
])("change - of the event %o", (given, state, text) => {
  expect(changeOfEvent(given)).toMatchObject({ state, text, time: new Date(TIME) });
});

test.each(["attempt.created", "attempt.scheduled", "pod.deleted", "log.ended", "something.new"])(
  "change - %s is nobody's news",
  (type) => {
    expect(changeOfEvent(event(type, {}, first))).toBeUndefined();
  },
);

test("change - a publisher's text cannot break the line", () => {
  expect(
    changeOfEvent(event("task.finished", { state: "failed", message: "two\nlines\r\n  here" }, { task: "a" }))?.text,
  ).toBe("failed: two lines here");
});

test("polling - only what changed between two reports", () => {
  const report = (tasks: RunReport["tasks"]): RunReport => ({ state: "running", tasks, outputs: {} });
  const before = report({
    a: { state: "running", attempts: 1 },
    b: { state: "waiting", attempts: 0 },
    c: { state: "waiting", attempts: 0 },
  });
  const after = report({
    a: { state: "retrying", attempts: 1, message: "exit code 3" },
    b: { state: "running", attempts: 1 },
    c: { state: "waiting", attempts: 0 },
  });
  const texts = (changes: readonly { task?: string; text: string }[]) =>
    changes.map(({ task, text }) => `${task}: ${text}`);
  expect(texts(changesBetween(undefined, before, new Date(0)))).toEqual(["a: attempt 1 running"]);
  expect(texts(changesBetween(before, after, new Date(0)))).toEqual([
    "a: attempt 1 retrying: exit code 3",
    "b: attempt 1 running",
  ]);
  expect(changesBetween(after, after, new Date(0))).toEqual([]);
});

const change = (task: string, text: string) => ({
  time: new Date(2026, 10, 22, 12, 0, 0),
  task,
  state: "running",
  text,
});

test("screen - without a terminal one line per change, though a redrawn table was asked for", () => {
  const world = testWorld();
  const screen = live(world, true);
  screen.change(change("a", "attempt 1 running"));
  screen.change(change("a", "succeeded"));
  screen.close();
  expect(world.stderr()).toBe("12:00:00  a  attempt 1 running\n12:00:00  a  succeeded\n");
});

test("screen - on a terminal each task keeps its line; a note stays and is not drawn over; no line wraps", () => {
  const world = testWorld({ tty: true, columns: 40, env: { NO_COLOR: "1" } });
  const screen = live(world, true);
  screen.change(change("a", "attempt 1 running"));
  screen.change(change("b", "x".repeat(100)));
  screen.note("a note\n");
  screen.change(change("a", "succeeded"));
  const long = `12:00:00  b  ${"x".repeat(24)}…\n`;
  expect(world.stderr()).toBe(
    `12:00:00  a  attempt 1 running\n\u001b[1A\u001b[0J12:00:00  a  attempt 1 running\n${long}a note\n12:00:00  a  succeeded\n${long}`,
  );
});
