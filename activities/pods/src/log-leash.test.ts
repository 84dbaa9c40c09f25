import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Latest } from "./latest.ts";
import type { ContainerLife } from "./log-carrier.ts";
import { Leash } from "./log-leash.ts";

const MINUTE = 60_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function aLeash(follow: boolean) {
  const life = new Latest<ContainerLife>("running");
  const stop = new AbortController();
  const leash = new Leash(
    {
      life: () => life.value,
      lifeChange: (ms, signal) => life.next(ms, signal),
      leaving: () => false,
      signal: stop.signal,
    },
    follow,
    1_000,
  );
  return { leash, life, stop };
}

test.each([
  ["earliest", 0, 30],
  ["latest", 1, 60],
])("a follow however quiet begins anew after half an hour to an hour: %s", (_name, random, minutes) => {
  vi.spyOn(Math, "random").mockReturnValue(random);
  const { leash } = aLeash(true);
  vi.advanceTimersByTime(minutes * MINUTE - 1);
  expect([leash.pulled, leash.signal.aborted]).toEqual([false, false]);
  vi.advanceTimersByTime(1);
  expect([leash.pulled, leash.due, leash.signal.aborted]).toEqual([true, true, true]);
});

test("a busy follow begins anew after most of a file, but not at once", () => {
  const { leash } = aLeash(true);
  expect(leash.isLong(5_000)).toBe(false);
  vi.advanceTimersByTime(MINUTE);
  expect(leash.isLong(1)).toBe(true);
  const quiet = aLeash(true).leash;
  vi.advanceTimersByTime(MINUTE);
  expect([quiet.isLong(599), quiet.isLong(1)]).toEqual([false, true]);
});

test("a reading that does not follow is left alone, and a released one too", () => {
  const { leash } = aLeash(false);
  const released = aLeash(true).leash;
  released.release();
  vi.advanceTimersByTime(120 * MINUTE);
  expect([leash.pulled, leash.isLong(1_000_000), released.pulled]).toEqual([false, false, false]);
});

test("a follow ends with its container", async () => {
  const { leash, life } = aLeash(true);
  life.set("ended");
  await vi.waitFor(() => expect(leash.pulled).toBe(true));
  expect(leash.due).toBe(false);
});
