import { expect, test } from "vitest";
import { FileWatch } from "./log-rotation.ts";

const at = (second: number): string => `2026-11-22T10:00:${String(second).padStart(2, "0")}.000000001Z`;
const hole = (from: number, to: number) => ({
  from: at(from),
  to: at(to),
  reason: "the log was rotated or its clock stepped back",
});

/** A log whose files hold some two lines each, of which these seconds' lines were read. */
function aWatch(...seconds: readonly number[]): FileWatch {
  const watch = new FileWatch(1_000, undefined, () => 0);
  for (const second of seconds) expect(watch.line(at(second), 500)).toBeUndefined();
  return watch;
}

test("the file of the first line read is the file, and it stays the file while it begins with that line", () => {
  const watch = aWatch(1, 2, 3);
  expect(watch.file).toEqual({ first: at(1), checked: at(1) });
  expect(watch.look(at(1))).toBeUndefined();
  expect(watch.file).toEqual({ first: at(1), checked: at(3) });
});

test("another first line: what may be missing lies between it and the line before it", () => {
  const watch = aWatch(1, 2, 5, 6);
  expect(watch.look(at(5))).toEqual(hole(2, 5));
  expect(watch.file).toEqual({ first: at(5), checked: at(6) });
  expect(watch.look(at(5))).toBeUndefined();
});

test("a first line that the reading has not come to yet: told when it comes, or what comes instead", () => {
  const [there, skipped] = [aWatch(1, 2), aWatch(1, 2)];
  for (const watch of [there, skipped]) expect(watch.look(at(5))).toBeUndefined();
  expect(there.line(at(3), 9)).toBeUndefined();
  expect(there.line(at(5), 9)).toEqual(hole(3, 5));
  expect(skipped.line(at(8), 9)).toEqual(hole(2, 8));
  expect([there.look(at(5)), skipped.look(at(8))]).toEqual([undefined, undefined]);
});

test("an empty file tells nothing", () => {
  expect(aWatch(1, 2).look(undefined)).toBeUndefined();
});

test("what a watcher before followed over a rotation and nobody looked at is told by the next one", () => {
  const cursor = { time: at(9), seen: 1, hash: "", file: { first: at(1), checked: at(4) } };
  const standing = { kind: "resume", cursor, lines: 9, bytes: 4_500 } as const;
  expect(new FileWatch(1_000, standing, () => 0).look(at(7))).toEqual(hole(4, 7));
  expect(new FileWatch(1_000, standing, () => 0).look(at(1))).toBeUndefined();
});

test("a log too short to be rotated is not looked at; a long one now and then", () => {
  let now = 0;
  const watch = new FileWatch(10_000, undefined, () => now);
  expect(watch.possible).toBe(false);
  const dues = Array.from({ length: 60 }, (_, n) => {
    watch.line(at(n), 458);
    const due = watch.due();
    if (due) watch.look(at(0));
    now += 100;
    return due;
  });
  expect(dues.flatMap((due, n) => (due ? [n + 1] : []))).toEqual([12, 24, 36, 48, 60]);
});
