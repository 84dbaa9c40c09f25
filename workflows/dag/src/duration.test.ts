import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";

test.each([
  ["30s", 30_000],
  ["5m", 300_000],
  ["1h30m", 5_400_000],
  ["7d", 604_800_000],
  ["0s", 0],
  ["365d", 31_536_000_000],
])("parseDuration - %s", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "30", "30 s", "s", "1.5h", "-1s", "30m1h", "366d", "1w", "1H", "٣s", "100ms"])(
  "parseDuration - %j is no duration",
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test("parseDuration - reads back what formatDuration wrote", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 365 * 86_400 }), (seconds) => {
      expect(parseDuration(formatDuration(seconds * 1000))).toBe(seconds * 1000);
    }),
  );
});
