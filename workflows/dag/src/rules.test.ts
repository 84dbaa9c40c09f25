import { expect, test } from "vitest";
import { allSuccess, type SettledState } from "./rules.ts";

const STATES: readonly SettledState[] = ["succeeded", "failed", "skipped", "upstream_failed"];

test("rules - all_success over two upstreams", () => {
  const table = STATES.map((a) => STATES.map((b) => allSuccess([a, b])));
  expect(table).toEqual([
    ["run", "upstream_failed", "skip", "upstream_failed"],
    ["upstream_failed", "upstream_failed", "upstream_failed", "upstream_failed"],
    ["skip", "upstream_failed", "skip", "upstream_failed"],
    ["upstream_failed", "upstream_failed", "upstream_failed", "upstream_failed"],
  ]);
});

test("rules - a failure settles at once, a skip only when all are done", () => {
  expect(allSuccess(["failed", undefined])).toBe("upstream_failed");
  expect(allSuccess(["skipped", undefined])).toBe("wait");
  expect(allSuccess([])).toBe("run");
});
