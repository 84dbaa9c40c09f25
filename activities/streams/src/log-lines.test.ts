import { expect, test } from "vitest";
import type { Frame } from "./frame.ts";
import { aFrame, aTime, ORIGIN } from "./frame-samples.ts";
import type { LogItem } from "./log-item.ts";
import { LogLines } from "./log-lines.ts";

function lines(next: number, ...texts: string[]): Frame {
  return aFrame({ kind: "lines", texts, times: texts.map((_, at) => aTime(at)) }, { line: next });
}
function part(line: number, part: "first" | "middle" | "last", offset: number, text: string): Frame {
  const bytes = new TextEncoder().encode(text);
  const place = part === "last" ? { line: line + 1 } : { line, offset: offset + bytes.length };
  return aFrame({ kind: "part", part, offset, bytes, time: aTime(0) }, place);
}
const start = aFrame({ kind: "start" }, {});
const gap = (next: number) => aFrame({ kind: "gap", reason: "why" }, { line: next, gaps: 1 });
const end = (next: number) => aFrame({ kind: "end", complete: true }, { line: next, bytes: 9 });

function read(...frames: Frame[]): string[] {
  const log = new LogLines();
  const items = frames.flatMap((frame) => log.accept(whose(frame), frame, ""));
  return items.map(shown);
}
function whose({ origin }: Frame) {
  return { task: origin.task, attempt: 1, container: "main", pod: origin.pod, restart: origin.restart };
}
function shown(item: LogItem): string {
  switch (item.kind) {
    case "line":
      return `${item.line} ${item.text}${item.cut ? " (cut)" : ""}`;
    case "expired":
      return `expired ${item.from}-${item.to}`;
    case "gap":
      return `gap: ${item.reason}`;
    case "end":
      return `end ${item.lines} ${item.complete}`;
    case "start":
      return "start";
  }
}

const other = { ...ORIGIN, pod: "pod-2" };
const rows: readonly [what: string, frames: readonly Frame[], items: readonly string[]][] = [
  ["from start to end", [start, lines(3, "a", "b"), end(3)], ["start", "1 a", "2 b", "end 2 true"]],
  ["a cursor refresh says nothing", [start, lines(2, "a"), lines(2), lines(3, "b")], ["start", "1 a", "2 b"]],
  ["what is not kept is said", [lines(8, "f", "g")], ["expired 1-5", "6 f", "7 g"]],
  [
    "parts become a line",
    [start, part(1, "first", 0, "ab"), part(1, "middle", 2, "cd"), part(1, "last", 4, "e")],
    ["start", "1 abcde"],
  ],
  [
    "a line without its head",
    [part(5, "middle", 9, "x"), part(5, "last", 10, "y"), lines(7, "b")],
    ["expired 1-4", "5 xy (cut)", "6 b"],
  ],
  [
    "a line that a gap cut off",
    [start, part(1, "first", 0, "ab"), gap(2), lines(3, "b")],
    ["start", "1 ab (cut)", "gap: why", "2 b"],
  ],
  ["a line that the end cut off", [start, part(1, "first", 0, "ab"), end(2)], ["start", "1 ab (cut)", "end 1 true"]],
  [
    "a line whose rest is not kept",
    [start, part(1, "first", 0, "ab"), lines(4, "c")],
    ["start", "1 ab (cut)", "expired 2-2", "3 c"],
  ],
  [
    "lines that are sent again are told once",
    [start, lines(4, "a", "b", "c"), lines(5, "b", "c", "d"), lines(5, "c"), end(5)],
    ["start", "1 a", "2 b", "3 c", "4 d", "end 4 true"],
  ],
  [
    "a line in parts that is sent again from its beginning, or once more",
    [
      start,
      part(1, "first", 0, "ab"),
      part(1, "first", 0, "abc"),
      part(1, "last", 3, "d"),
      part(1, "first", 0, "ab"),
      part(1, "last", 2, "cd"),
      lines(3, "e"),
    ],
    ["start", "1 abcd", "2 e"],
  ],
  [
    "another pod's life begins at 1",
    [start, lines(2, "a"), { ...start, origin: other }, { ...lines(2, "z"), origin: other }],
    ["start", "1 a", "start", "1 z"],
  ],
];

test.each(rows)("%s", (_what, frames, items) => {
  expect(read(...frames)).toEqual(items);
});
