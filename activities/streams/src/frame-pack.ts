import { advanceCursor, type LogLine } from "@slipway/dag";
import { FRAME_BYTES, FRAME_LINES, type FrameContent, type LogPlace } from "./frame.ts";

/** A line that waits to be published. */
export interface WaitingLine extends LogLine {
  /** Its number in the log. */
  readonly line: number;
  /** UTF-8 bytes. */
  readonly size: number;
}

/** What goes out next, and where the log stands behind it. */
export interface Packed {
  readonly content: FrameContent;
  readonly place: LogPlace;
}

/**
 * The next frame of a log that stands at `place`: as many whole lines as fit, or the next piece of a line that does not.
 * Pure, so whoever packs the same lines at the same place sends the same frame. `waiting` begins with line `place.line`.
 */
export function packFrame(place: LogPlace, waiting: readonly WaitingLine[], limit = FRAME_BYTES): Packed | undefined {
  const [next] = waiting;
  if (next === undefined) return undefined;
  if (place.offset > 0 || next.size > limit) return packPart(place, next, limit);
  return packLines(place, waiting.slice(0, linesThatFit(waiting, limit)));
}

function linesThatFit(waiting: readonly WaitingLine[], limit: number): number {
  let size = -1;
  let lines = 0;
  for (const line of waiting) {
    size += line.size + 1;
    if (size > limit || lines === FRAME_LINES) break;
    lines += 1;
  }
  return lines;
}

function packLines(place: LogPlace, lines: readonly WaitingLine[]): Packed {
  return {
    content: { kind: "lines", texts: lines.map(({ text }) => text), times: lines.map(({ time }) => time) },
    place: lines.reduce(afterLine, place),
  };
}

function afterLine(place: LogPlace, line: WaitingLine): LogPlace {
  const cursor = advanceCursor(place.cursor, line);
  return { ...place, line: place.line + 1, offset: 0, bytes: place.bytes + line.size + 1 - place.offset, cursor };
}

/** Cuts between characters, so that each piece is text of its own for whoever only prints bodies. */
function packPart(place: LogPlace, line: WaitingLine, limit: number): Packed {
  const all = new TextEncoder().encode(line.text);
  const { offset } = place;
  const end = cutBefore(all, offset + limit);
  const bytes = all.slice(offset, Math.max(end, offset));
  const last = end >= all.length;
  const part = last ? "last" : offset === 0 ? "first" : "middle";
  const within = { ...place, offset: offset + bytes.length, bytes: place.bytes + bytes.length };
  return {
    content: { kind: "part", part, offset, bytes, time: line.time },
    place: last ? afterLine(place, line) : within,
  };
}

/** The last place at or before `at` where no character is cut (0b10xxxxxx continues one). */
function cutBefore(bytes: Uint8Array, at: number): number {
  if (at >= bytes.length) return bytes.length;
  let end = at;
  while (end > 0 && ((bytes[end] ?? 0) & 0b1100_0000) === 0b1000_0000) end -= 1;
  return end;
}
