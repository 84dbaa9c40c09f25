import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ServerClock } from "./server-clock.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2026-11-22T10:00:00.500Z") });
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([
  ["nothing was heard", undefined, "2026-11-22T10:00:00.500Z"],
  ["no date at all", "yesterday", "2026-11-22T10:00:00.500Z"],
  ["the same but for the cut", "Sun, 22 Nov 2026 10:00:00 GMT", "2026-11-22T10:00:00.500Z"],
  ["an hour ahead of us", "Sun, 22 Nov 2026 11:00:00 GMT", "2026-11-22T11:00:00.000Z"],
  ["an hour behind us", "Sun, 22 Nov 2026 09:00:00 GMT", "2026-11-22T09:00:00.000Z"],
])("the server's clock - %s", (_, date, now) => {
  const clock = new ServerClock();
  clock.hear(date);
  expect(new Date(clock.now()).toISOString()).toBe(now);
});

test("the server's clock - heard again, it is mended again", () => {
  const clock = new ServerClock();
  clock.hear("Sun, 22 Nov 2026 11:00:00 GMT");
  clock.hear("Sun, 22 Nov 2026 10:00:00 GMT");
  expect(clock.now()).toBe(Date.now());
});
