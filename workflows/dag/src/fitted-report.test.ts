import { expect, test } from "vitest";
import { fitted } from "./fitted-report.ts";
import { utf8Length } from "./json.ts";
import type { RunReport, TaskReport } from "./report.ts";

function report(count: number, task: TaskReport): RunReport {
  const tasks = Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, task]));
  return { state: "failed", tasks, outputs: {} };
}
const size = (of: RunReport): number => utf8Length(JSON.stringify(of));
const failed = { state: "failed", attempts: 1, kind: "exit", message: "x".repeat(400) } as const;

test("report - one that fits is told whole", () => {
  const small = report(100, failed);
  expect(fitted(small)).toBe(small);
});

test("report - of ten thousand failures it tells less of each, says so, and fits a payload", () => {
  const told = fitted(report(10_000, failed));
  expect(size(told)).toBeLessThan(2_000_000);
  expect(told.shortened).toMatch(/^messages and reasons end after 80 characters: /);
  expect(told.tasks["t9999"]).toEqual({ ...failed, message: `${"x".repeat(79)}…` });
});

test("report - outputs go last", () => {
  const outputs = { of: "y".repeat(100) };
  const long = report(10_000, { ...failed, outputs });
  expect(fitted(long).tasks["t0"]).toEqual({ state: "failed", attempts: 1, kind: "exit", outputs });
  const longest = fitted(report(10_000, { ...failed, outputs: { of: "y".repeat(200) } }));
  expect(longest.tasks["t0"]).toEqual({ state: "failed", attempts: 1, kind: "exit" });
  expect(size(longest)).toBeLessThan(2_000_000);
});
