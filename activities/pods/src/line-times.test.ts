import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LineTimes } from "./line-times.ts";

const at = (nanos: bigint): string =>
  `${new Date(Date.UTC(2026, 10, 22) + Number(nanos / 1_000_000_000n) * 1000).toISOString().slice(0, 19)}.${String(nanos % 1_000_000_000n).padStart(9, "0")}Z`;

test("the line before a time is told to the nanosecond, over days", () => {
  const steps = fc.array(fc.bigInt({ min: 1n, max: 90_000_000_000_000n }), { minLength: 2, maxLength: 20 });
  fc.assert(
    fc.property(steps, fc.nat(), (steps, pick) => {
      let nanos = 5n;
      const lines = steps.map((step) => at((nanos += step)));
      const times = new LineTimes(1000);
      for (const line of lines) times.push(line);
      const index = pick % lines.length;
      expect(times.before(lines[index] ?? "")).toBe(lines[index - 1]);
    }),
  );
});

test("what is younger than the last line, or was forgotten, has no line before it", () => {
  const times = new LineTimes(4);
  for (const nanos of [1n, 2n, 3n, 4n, 5n]) times.push(at(nanos));
  expect(times.count).toBe(3);
  expect([at(2n), at(4n), at(9n)].map((time) => times.before(time))).toEqual([undefined, at(3n), undefined]);
});
