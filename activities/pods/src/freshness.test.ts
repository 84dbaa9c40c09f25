import { expect, test } from "vitest";
import { Freshness } from "./freshness.ts";

/** A watcher whose server gives these answers, and a clock that is set by hand. */
function aWatcher(...answers: readonly boolean[]) {
  const waiting = [...answers];
  let now = Date.parse("2026-11-22T10:00:00Z");
  const freshness = new Freshness(
    async () => waiting.shift() ?? false,
    () => now,
  );
  const sleep = (ms: number): void => {
    now += ms;
  };
  return { freshness, sleep, left: () => waiting.length };
}

test("the first time it asks: a task may have been handed over while this worker slept", async () => {
  await expect(aWatcher(false).freshness.confirmCreate()).rejects.toThrow("let-go");
});

test("an answer is good for less than a heartbeat may take", async () => {
  const { freshness, sleep, left } = aWatcher(true, false);
  await freshness.confirmCreate();
  sleep(19_000);
  await freshness.confirmCreate();
  expect(left()).toBe(1);
});

test("woken between two tries to create: it asks again", async () => {
  const { freshness, sleep } = aWatcher(true, false);
  await freshness.confirmCreate();
  sleep(31_000);
  await expect(freshness.confirmCreate()).rejects.toThrow("let-go");
});

test("an answer counts from the question: whoever slept over it asks again", async () => {
  let now = 0;
  const answers = [true, false];
  const freshness = new Freshness(
    async () => {
      now += 31_000;
      return answers.shift() ?? false;
    },
    () => now,
  );
  await freshness.confirmCreate();
  await expect(freshness.confirmCreate()).rejects.toThrow("let-go");
});
