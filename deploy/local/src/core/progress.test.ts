import { expect, test, vi } from "vitest";
import { asStep, createProgress, elapsed, oneLine, type Progress } from "./progress.ts";

function onScreen(isTTY: boolean): { log: Progress; text: () => string; pass: (ms: number) => void } {
  vi.useFakeTimers();
  let text = "";
  const log = createProgress({ isTTY, columns: 60, write: (piece) => void (text += piece) });
  return { log, text: () => text, pass: (ms) => void vi.advanceTimersByTime(ms) };
}

test("progress - not a terminal: a line at the start, one every 20 s, one at the end", () => {
  const { log, text, pass } = onScreen(false);
  log.expect(2);
  const step = log.step("build nats");
  step.say("compiling a");
  pass(10_000);
  step.say("compiling b");
  pass(31_000);
  step.done();
  log.step("next").fail("no disk");
  vi.useRealTimers();
  expect(text()).toMatchInlineSnapshot(`
    "step 1 of 2  build nats
    step 1 of 2  build nats  0:20  compiling b
    step 1 of 2  build nats  0:40  compiling b
    step 1 of 2  build nats: done (0:41)
    step 2 of 2  next
    step 2 of 2  next: failed: no disk (0:00)
    "
  `);
});

test("progress - a terminal: one line, rewritten, never wider than the screen", () => {
  const { log, text, pass } = onScreen(true);
  const step = log.step("build kubernetes");
  step.say("x".repeat(200));
  pass(1000);
  step.done();
  vi.useRealTimers();
  const frames = text().split("\r\u001b[2K");
  expect(frames.every((frame) => frame.length < 60)).toBe(true);
  expect(frames.at(-1)).toBe("step 1 of 1  build kubernetes: done (0:01)\n");
});

test("progress - a tool's colours and tabs do not reach the line", () => {
  expect(oneLine("\u001b[31mred\u001b[0m\tand\rmore", 80)).toBe("red and more");
  expect(elapsed(12 * 60_000 + 40_900)).toBe("12:40");
});

test("asStep - a failure shows its first line and is rethrown", async () => {
  const { log, text } = onScreen(false);
  await expect(asStep(log, "start", async () => await Promise.reject(new Error("it died\n  why: x")))).rejects.toThrow(
    "why: x",
  );
  vi.useRealTimers();
  expect(text()).toContain("failed: it died (");
});
