import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LineSplitter } from "./line-splitter.ts";
import { parseLogLine } from "./log-line.ts";

function split(text: Buffer, cuts: readonly number[], max: number) {
  const splitter = new LineSplitter(max);
  const edges = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  const pieces = edges.slice(1).flatMap((edge, at) => [...splitter.push(text.subarray(edges[at], edge))]);
  return [...pieces, ...splitter.flush()].map(({ bytes, continued }) => ({ text: bytes.toString("utf8"), continued }));
}

test("however the bytes are cut, the lines are the same, and no character is torn", () => {
  const texts = fc.array(
    fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.replaceAll("\n", "¶")),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(texts, fc.array(fc.nat(), { maxLength: 6 }), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
      expect(split(bytes, cuts, 1000).map(({ text }) => text)).toEqual(lines);
      const pieces = split(bytes, cuts, 16);
      expect(pieces).toEqual(split(bytes, [], 16));
      expect(pieces.map(({ text, continued }) => (continued ? "" : "\n") + text).join("")).toBe(
        lines.map((line) => `\n${line}`).join(""),
      );
    }),
  );
});

test("a line longer than the bound is cut where a character begins", () => {
  expect(split(Buffer.from("aaä\nb"), [], 3)).toEqual([
    { text: "aa", continued: false },
    { text: "ä", continued: true },
    { text: "b", continued: false },
  ]);
});

test.each([
  ["2026-11-22T10:00:00.123456789Z hello  world\r", { time: "2026-11-22T10:00:00.123456789Z", text: "hello  world\r" }],
  ["2026-11-22T10:00:00.1Z ", { time: "2026-11-22T10:00:00.100000000Z", text: "" }],
  ["2026-11-22T10:00:00Z x", { time: "2026-11-22T10:00:00.000000000Z", text: "x" }],
  ["2026-11-22T01:30:00.000000001+02:00 x", { time: "2026-11-21T23:30:00.000000001Z", text: "x" }],
  ["failed to create fsnotify watcher: too many open files", undefined],
  ["", undefined],
])("the kubelet's line %j", (line, expected) => {
  expect(parseLogLine(Buffer.from(line))).toEqual(expected);
});
