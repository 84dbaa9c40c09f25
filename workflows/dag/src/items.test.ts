import { expect, test } from "vitest";
import { itemAt, itemState, keyOf, newItems, nextWaiting, putItem, sizeOf } from "./items.ts";
import type { Outcome } from "./outcome.ts";
import { NOTHING_SPENT } from "./retry.ts";
import type { TaskState } from "./task-state.ts";
import { EXIT3 } from "./testing/played.ts";

const SUCCEEDED: TaskState = { kind: "succeeded", attempts: 1 };
const failed = (outcome: Outcome, attempts = 1): TaskState => ({ kind: "failed", attempts, outcome });

test("items - of one list the element, of several every combination, the last name fastest", () => {
  expect(itemAt({ lists: [["a", "b"]] }, 1)).toBe("b");
  const cross = {
    names: ["region", "day"],
    lists: [
      ["eu", "us"],
      [1, 2, 3],
    ],
  };
  expect(sizeOf(cross)).toBe(6);
  expect(Array.from({ length: 6 }, (_, index) => itemAt(cross, index))).toEqual(
    ["eu", "us"].flatMap((region) => [1, 2, 3].map((day) => ({ region, day }))),
  );
  expect(sizeOf({ names: ["a", "b"], lists: [[], [1, 2]] })).toBe(0);
  expect([keyOf(cross, 4), keyOf({ ...cross, keys: ["x"] }, 0)]).toEqual(["4", "x"]);
});

const SPENT = { limit: 1, disruptions: 2, free: 0 };

test.each<[string, TaskState]>([
  ["waits", { kind: "waiting" }],
  ["runs", { kind: "running", attempt: 1, spent: NOTHING_SPENT }],
  ["waits for a place", { kind: "ready", attempt: 1, spent: NOTHING_SPENT }],
  ["waits for a place again", { kind: "ready", attempt: 3, spent: SPENT, last: EXIT3, since: 1_000 }],
  ["is between two attempts", { kind: "delayed", attempt: 2, spent: SPENT, last: EXIT3 }],
  ["succeeded", SUCCEEDED],
  ["succeeded with outputs", { ...SUCCEEDED, outputs: { rows: 3 } }],
  ["failed", failed(EXIT3, 4)],
  ["failed with outputs", { kind: "failed", attempts: 2, outcome: EXIT3, outputs: { rows: 3 } }],
  ["skipped", { kind: "skipped", reason: "enough" }],
  ["skipped by its exit code", { kind: "skipped", reason: "exit code 99", attempts: 2 }],
  ["skipped by hand", { kind: "skipped", reason: "not today", byHand: true }],
])("items - what %s is kept as it is", (_, now) => {
  const items = newItems({ lists: [[1, 2]] });
  putItem(items, 1, now);
  expect(itemState(items, 1)).toEqual(now);
  expect(itemState(items, 0)).toEqual({ kind: "waiting" });
  expect(itemState(items, 2)).toBeUndefined();
});

test("items - what is counted is what is there, and the cursor finds what waits again", () => {
  const items = newItems({ lists: [[1, 2, 3]] });
  expect(nextWaiting(items)).toBe(0);
  for (const index of [0, 1]) putItem(items, index, { kind: "running", attempt: 1, spent: NOTHING_SPENT });
  expect([nextWaiting(items), items.running, items.open]).toEqual([2, 2, 3]);
  putItem(items, 0, SUCCEEDED);
  putItem(items, 1, failed(EXIT3));
  putItem(items, 2, { kind: "skipped", reason: "enough" });
  expect(items).toMatchObject({ running: 0, open: 0, succeeded: 1, failed: 1 });
  expect(nextWaiting(items)).toBeUndefined();
  putItem(items, 1, { kind: "waiting" });
  expect([nextWaiting(items), items.failed, items.open]).toEqual([1, 0, 1]);
});

test.each<[string, (index: number) => TaskState]>([
  ["succeeded", () => SUCCEEDED],
  ["skipped by a cancel with a long reason", () => ({ kind: "skipped", reason: "x".repeat(500) })],
  [
    "failed, each for a reason of its own",
    (index) => failed({ ...EXIT3, message: `exit code 3: ${index} ${"x".repeat(400)}` }),
  ],
  ["are between two attempts", () => ({ kind: "delayed", attempt: 2, spent: SPENT, last: EXIT3 })],
  [
    "failed, with what the kubelet said",
    () => failed({ ...EXIT3, evidence: { message: "x".repeat(900) }, startedAt: "2026-11-26T10:00:00Z" }),
  ],
])("items - 5,000 that %s take less than 300 KB of the run's state, the list included", (_, now) => {
  const dates = Array.from({ length: 5_000 }, (__, at) => new Date(at * 86_400_000).toISOString().slice(0, 10));
  const items = newItems({ lists: [dates], keys: dates });
  for (const index of dates.keys()) putItem(items, index, now(index));
  expect(JSON.stringify(items).length).toBeLessThan(300_000);
  expect(itemState(items, 4_999)?.kind).toBe(now(0).kind);
});

test("items - one of very many different failures keeps its kind and its exit code", () => {
  const items = newItems({ lists: [Array.from({ length: 200 }, () => 0)] });
  for (let index = 0; index < 200; index += 1)
    putItem(items, index, failed({ kind: "exit", exitCode: index % 2 ? 3 : 4, message: `why ${index}` }));
  expect(itemState(items, 7)).toEqual(failed({ kind: "exit", exitCode: 3, message: "why 7" }));
  expect(itemState(items, 199)).toMatchObject({
    outcome: { kind: "exit", exitCode: 3, message: "exit code 3; the event of its attempt says more" },
  });
});
