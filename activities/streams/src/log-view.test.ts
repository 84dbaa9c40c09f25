import fc from "fast-check";
import { expect, test } from "vitest";
import type { LogItem } from "./log-item.ts";
import { LogTail } from "./log-tail.ts";
import { type LogView, shownItem } from "./log-view.ts";

const AT = { task: "greet", attempt: 1, container: "main", pod: "u", restart: 0 } as const;
const NOON = new Date("2026-11-22T12:00:00Z");
const OLD = "2026-11-22T11:59:59.999999999Z";
const NEW = "2026-11-22T12:00:00.123456789Z";

function line(number: number, text = `line ${number}`, time = NEW): LogItem {
  return { ...AT, kind: "line", line: number, time, text };
}
function gap(before: number, time = NEW): LogItem {
  return { ...AT, kind: "gap", line: before, reason: "rotated", time };
}
const expired = (from: number, to: number, time = NEW): LogItem => ({ ...AT, kind: "expired", from, to, time });
const start = (time = NEW): LogItem => ({ ...AT, kind: "start", time });
const end = (lines: number, time = NEW): LogItem => ({ ...AT, kind: "end", lines, bytes: 9, complete: true, time });

function shown(view: LogView, items: readonly LogItem[]): readonly LogItem[] {
  return items.flatMap((item) => shownItem(item, view) ?? []);
}

const rows: readonly [what: string, view: LogView, items: readonly LogItem[], shown: readonly LogItem[]][] = [
  ["nothing said: everything", {}, [start(), gap(1), line(1), end(1)], [start(), gap(1), line(1), end(1)]],
  [
    "from line 3: what comes before it goes, a gap right before it stays",
    { fromLine: 3 },
    [start(), line(1), gap(2), line(2), gap(3), line(3), end(3)],
    [gap(3), line(3), end(3)],
  ],
  ["from line 3: expired lines from there on", { fromLine: 3 }, [expired(1, 5), line(6)], [expired(3, 5), line(6)]],
  ["from line 3: expired lines before go", { fromLine: 3 }, [expired(1, 2), line(3)], [line(3)]],
  ["from a line that never came", { fromLine: 9 }, [start(), line(1), end(1)], []],
  [
    "since: whatever is older goes; a time that cannot be read stays",
    { since: NOON },
    [start(OLD), expired(1, 2, OLD), line(3, "x", OLD), gap(4, OLD), line(4), line(5, "y", "when?"), gap(6), end(5)],
    [line(4), line(5, "y", "when?"), gap(6), end(5)],
  ],
  [
    "matching: lines go, what is missing is still told",
    { matches: (text) => text === "b" },
    [line(1, "a"), line(2, "b"), gap(3)],
    [line(2, "b"), gap(3)],
  ],
];

test.each(rows)("%s", (_what, view, items, expected) => {
  expect(shown(view, items)).toEqual(expected);
});

function lastOf(most: number | undefined, items: readonly LogItem[]): { passed: readonly LogItem[]; tail: LogTail } {
  const tail = new LogTail(most);
  return { passed: items.flatMap((item) => tail.accept(item)), tail };
}

test("tail - without a number everything at once", () => {
  expect(lastOf(undefined, [line(1), gap(2)]).passed).toEqual([line(1), gap(2)]);
});

test("tail - nothing until it is opened, then the last lines and what stands between them, then what comes", () => {
  const { passed, tail } = lastOf(2, [line(1), gap(2), line(2), gap(3), line(3)]);
  expect(passed).toEqual([]);
  expect(tail.open()).toEqual([gap(2), line(2), gap(3), line(3)]);
  expect(tail.accept(line(4))).toEqual([line(4)]);
  expect(tail.open()).toEqual([]);
});

test("tail - for any log it keeps the last N lines, and holds no more than N and 1,000 notices", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), fc.nat(20), (kinds, most) => {
      const items = kinds.map((isLine, at) => (isLine ? line(at) : gap(at)));
      const held = lastOf(most, items).tail.open();
      const lines = (from: readonly LogItem[]) => from.filter(({ kind }) => kind === "line");
      expect(lines(held)).toEqual(most === 0 ? [] : lines(items).slice(-most));
    }),
  );
  let most = 0;
  const tail = new LogTail(10);
  for (let at = 0; at < 50_000; at++) {
    tail.accept(at % 5_000 === 0 ? line(at) : gap(at));
    most = Math.max(most, tail.held);
  }
  expect(most).toBeLessThanOrEqual(1_010);
});
