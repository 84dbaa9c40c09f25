import { advanceCursor, type LogCursor } from "@slipway/dag";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FRAME_LINES, type Frame, LOG_START } from "./frame.ts";
import { packFrame, type WaitingLine } from "./frame-pack.ts";
import { aFrame, aLineText, aTime, EPOCH, frameOverTheWire, ORIGIN } from "./frame-samples.ts";
import { encodeFrame } from "./frame-encode.ts";
import type { LogItem } from "./log-item.ts";
import { LogLines } from "./log-lines.ts";

function waiting(texts: readonly string[], from = 1): WaitingLine[] {
  return texts.map((text, at) => ({ line: from + at, time: aTime(at * 300), text, size: Buffer.byteLength(text) }));
}

/** All frames of `lines`; each is packed from what the frame before it says, as a new watcher would. */
function pack(lines: readonly WaitingLine[], limit: number): Frame[] {
  const frames: Frame[] = [];
  for (let place = LOG_START; ; ) {
    const packed = packFrame(place, lines.slice(place.line - 1), limit);
    if (packed === undefined) return frames;
    const frame = frameOverTheWire({ origin: ORIGIN, epoch: EPOCH, ...packed });
    if (frame === undefined) throw new Error("not a frame");
    expect(frame.place).toEqual(packed.place);
    frames.push(frame);
    place = frame.place;
  }
}

function read(frames: readonly Frame[]): LogItem[] {
  const lines = new LogLines();
  const whose = { task: "t", attempt: 1, container: "main", pod: ORIGIN.pod, restart: 0 };
  return frames.flatMap((frame) => lines.accept(whose, frame, ""));
}

test("whatever the lines, whoever goes on after each frame: every line is read once, whole, with its number", () => {
  fc.assert(
    fc.property(fc.array(aLineText, { maxLength: 30 }), fc.integer({ min: 4, max: 90 }), (texts, limit) => {
      const lines = waiting(texts);
      const frames = pack(lines, limit);
      const items = read(frames).map((item) => (item.kind === "line" ? [item.line, item.text, item.cut] : item.kind));
      expect(items).toEqual(lines.map(({ line, text }) => [line, text, undefined]));
      for (const frame of frames) expect(Buffer.byteLength(encodeFrame(frame).body)).toBeLessThanOrEqual(limit);
      expect(frames.at(-1)?.place.bytes ?? 0).toBe(Buffer.byteLength(texts.map((text) => `${text}\n`).join("")));
    }),
  );
});

test("each part of a long line is text of its own", () => {
  const line = "aé€😀".repeat(20);
  const parts = pack(waiting([line]), 7).map(({ content }) => (content.kind === "part" ? content : undefined));
  const texts = parts.map((part) => new TextDecoder("utf-8", { fatal: true }).decode(part?.bytes));
  expect(texts.join("")).toBe(line);
  expect(parts.map((part) => part?.part)).toEqual(["first", ...parts.slice(2).map(() => "middle"), "last"]);
});

test("the cursor counts whole lines alone", () => {
  const lines = waiting(["one", "x".repeat(25), "three"]);
  const cursors = pack(lines, 10).map(({ place }) => place.cursor);
  const after = (count: number): LogCursor | undefined =>
    lines
      .slice(0, count)
      .reduce<LogCursor | undefined>((cursor, { time, text }) => advanceCursor(cursor, { time, text }), undefined);
  expect(cursors).toEqual([after(1), after(1), after(1), after(2), after(3)]);
});

test("a frame has at most 1,000 lines, so that its times fit a header", () => {
  const packed = packFrame(LOG_START, waiting(Array.from({ length: 2500 }, () => "")));
  expect(packed?.place.line).toBe(FRAME_LINES + 1);
});

test("a watcher that reads another text where a line was cut off ends that line and goes on", () => {
  const packed = packFrame({ ...LOG_START, offset: 50 }, waiting(["short"]), 10);
  expect(packed?.content).toMatchObject({ kind: "part", part: "last", offset: 50, bytes: new Uint8Array() });
  expect(packed?.place.line).toBe(2);
  expect(aFrame({ kind: "start" }, {}).place).toEqual(LOG_START);
});
