import { expect, test } from "vitest";
import { packTimes, unpackTimes } from "./line-times.ts";

test("ends keep their nanoseconds, lines between them their milliseconds, and nothing drifts", () => {
  const times = ["00.000999999", "00.001999999", "00.002999999", "59.123456789"].map((s) => `2026-11-22T10:00:${s}Z`);
  const packed = packTimes(times);
  expect(packed?.times).toBe("1 1 59121");
  expect(packed && unpackTimes(packed, 4)).toEqual([
    times[0],
    "2026-11-22T10:00:00.001Z",
    "2026-11-22T10:00:00.002Z",
    times[3],
  ]);
});

test("a clock that steps back is kept", () => {
  const times = ["2026-11-22T10:00:05Z", "2026-11-22T10:00:01Z", "2026-11-22T10:00:02Z"];
  const packed = packTimes(times);
  expect(packed && unpackTimes(packed, 3)[1]).toBe("2026-11-22T10:00:01.000Z");
});

test.each([
  [{ from: "2026-11-22T10:00:00Z", to: "2026-11-22T10:00:09Z" }],
  [{ from: "2026-11-22T10:00:00Z", to: "2026-11-22T10:00:09Z", times: "1" }],
  [{ from: "2026-11-22T10:00:00Z", to: "2026-11-22T10:00:09Z", times: "x y" }],
])("times that do not fit leave inner lines at the first: %j", (packed) => {
  expect(unpackTimes(packed, 3)).toEqual(["2026-11-22T10:00:00Z", "2026-11-22T10:00:00.000Z", "2026-11-22T10:00:09Z"]);
});

test("no lines, no times; a time that is none does no harm", () => {
  expect(packTimes([])).toBeUndefined();
  expect(unpackTimes({ from: "", to: "", times: "1 1" }, 3)).toEqual(["", "", ""]);
  expect(unpackTimes({ from: "x", to: "x" }, 0)).toEqual([]);
});
