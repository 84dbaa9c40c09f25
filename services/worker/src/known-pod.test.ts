import type { Heartbeat } from "@slipway/pods";
import { expect, test } from "vitest";
import { KnownPod } from "./known-pod.ts";

const time = "2026-11-22T10:00:00.000000001Z";
const big = Number.MAX_SAFE_INTEGER;
const cursor = { time, seen: big, hash: "0123456789abcdef", file: { first: time, checked: time } };
const full: Heartbeat = {
  uid: "0".repeat(36),
  name: "n".repeat(63),
  namespace: "s".repeat(63),
  phase: "Succeeded",
  openedAt: big,
  log: { line: big, bytes: big, gaps: big, cursor },
};

test("a heartbeat is at most 1 KB, and says the next watcher what it has to know", () => {
  expect(JSON.stringify(full).length).toBeLessThan(1024);
  const { uid, openedAt, log } = full;
  expect(KnownPod.parse(full)).toEqual({ uid, openedAt, log });
});

test.each([undefined, {}, { line: 0, bytes: 0, gaps: 0 }, { line: 2, bytes: 1, gaps: 0, cursor: { time } }, "x"])(
  "a place that is not understood is none, and the pod is known all the same: %j",
  (log) => {
    expect(KnownPod.parse({ uid: "u", log })).toEqual({ uid: "u" });
  },
);
