import * as fc from "fast-check";
import { expect, test } from "vitest";
import { advanceCursor, placeIsSettled, replayFrom, secondOf, skipReplay } from "./log-cursor.ts";
import type { LogCursor, LogLine } from "./log.ts";

const at = (nanos: number, text: string): LogLine => ({
  time: `2026-11-22T10:00:${String(Math.floor(nanos / 1e9)).padStart(2, "0")}.${String(nanos % 1e9).padStart(9, "0")}Z`,
  text,
});

const cursorAfter = (lines: readonly LogLine[]): LogCursor | undefined =>
  lines.reduce<LogCursor | undefined>(advanceCursor, undefined);

function reread(cursor: LogCursor | undefined, lines: readonly LogLine[]) {
  const published: LogLine[] = [];
  const began: string[] = [];
  let gaps = 0;
  let replay = replayFrom(cursor);
  for (const line of lines) {
    const step = skipReplay(replay, line);
    replay = step.replay;
    if (step.lostPlace === true) gaps++;
    if (step.fileBegan !== undefined) began.push(step.fileBegan);
    if (step.fresh) published.push(line);
  }
  return { published, gaps, began };
}

/** What the kubelet sends for a `sinceTime` of one second before the cursor's. */
const since = (cursor: LogCursor, lines: readonly LogLine[]) => {
  const second = Number(secondOf(cursor.time).slice(-2));
  return lines.filter(({ time }) => Number(secondOf(time).slice(-2)) >= second - 1);
};

test("a log cut anywhere and read again is published once, also where stdout and stderr interleave", () => {
  const steps = fc.array(
    fc.record({
      step: fc.integer({ min: -300_000_000, max: 900_000_000 }),
      text: fc.constantFrom("a", "b", ""),
    }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(steps, fc.nat(), (steps, cut) => {
      let nanos = 5e9;
      let newest = 0;
      const lines = steps.map(({ step, text }) => {
        nanos = Math.max(nanos + step, newest - 500_000_000);
        newest = Math.max(newest, nanos);
        return at(nanos, text);
      });
      const done = lines.slice(0, lines.length === 0 ? 0 : cut % (lines.length + 1));
      const cursor = cursorAfter(done);
      const sent = cursor === undefined ? lines : since(cursor, lines);
      expect(reread(cursor, sent)).toEqual({ published: lines.slice(done.length), gaps: 0, began: [] });
    }),
  );
});

test("equal lines of one second are told apart by their number", () => {
  const lines = [at(1, "x"), at(1, "x"), at(1, "x")];
  expect(reread(cursorAfter(lines.slice(0, 2)), lines)).toEqual({ published: [lines[2]], gaps: 0, began: [] });
});

test("a rotated file: only what is newer than the cursor is published, behind one gap", () => {
  const lines = [at(1e9, "a"), at(1e9 + 1, "b"), at(1e9 + 2, "c"), at(1e9 + 9, "d"), at(3e9, "e")];
  const cursor = cursorAfter(lines.slice(0, 3));
  expect(reread(cursor, lines.slice(3))).toEqual({ published: lines.slice(3), gaps: 1, began: [] });
});

test("another line where a published one stood: a gap, and nothing old again", () => {
  const lines = [at(1e9, "a"), at(1e9 + 1, "b")];
  const other = [at(1e9, "a"), at(1e9 + 1, "bb"), at(1e9 + 2, "c")];
  expect(reread(cursorAfter(lines), other)).toEqual({ published: [other[2]], gaps: 1, began: [] });
});

test.each([
  ["nothing", [], false],
  ["only what is older than the cursor's second", [at(1e9, "a")], false],
  ["a part of the cursor's second", [at(2e9, "b")], false],
  ["the cursor's line", [at(2e9, "b"), at(2e9 + 1, "c")], true],
  ["a newer line", [at(3e9, "d")], true],
])("a file that holds %s: whether the place is settled", (_what, lines, settled) => {
  const start = replayFrom(cursorAfter([at(1e9, "a"), at(2e9, "b"), at(2e9 + 1, "c")]));
  const end = lines.reduce((replay, line) => skipReplay(replay, line).replay, start);
  expect(placeIsSettled(end)).toBe(settled);
});

test("a file that begins within the cursor's second: what was published of it is passed over, what follows is not lost", () => {
  const lines = [at(2e9, "a"), at(2e9 + 1, "b"), at(2e9 + 2, "c"), at(2e9 + 3, "d")];
  expect(reread(cursorAfter(lines.slice(0, 3)), lines.slice(1))).toEqual({
    published: [lines[3]],
    gaps: 0,
    began: [lines[1]?.time],
  });
});

test("where an older line shows that it is the same file, a window that lacks a line is a gap", () => {
  const lines = [at(1e9, "z"), at(2e9, "a"), at(2e9 + 1, "b"), at(2e9 + 2, "c")];
  const without = lines.filter(({ text }) => text !== "a");
  expect(reread(cursorAfter(lines.slice(0, 3)), without)).toEqual({ published: [lines[3]], gaps: 1, began: [] });
});

test("a cursor keeps the file of its newest line whose reader knew it", () => {
  const file = { first: at(1, "a").time, checked: at(1, "a").time };
  const cursor = cursorAfter([{ ...at(1, "a"), file }, at(2, "b"), at(2e9, "c")]);
  expect(cursor).toMatchObject({ seen: 1, file });
});

test("a cursor tells nothing of a text but its length, so what was taken out of a line changes nothing", () => {
  const raw = cursorAfter([at(1, "password=hunter2")]);
  expect(cursorAfter([at(1, "password=letmein")])).toEqual(raw);
  expect(cursorAfter([{ ...at(1, "[redacted]"), length: 16 }])).toEqual(raw);
  expect(cursorAfter([at(1, "password=hunter22")])).not.toEqual(raw);
});
