import { sha256Hex } from "./hash.ts";
import type { LogCursor, LogLine } from "./log.ts";

const HASH_DIGITS = 16;
/** `2026-11-22T10:00:00`: what the API's `sinceTime` can tell apart (it is sent without fractions, kubernetes#77856). */
const SECOND_CHARS = 19;

/** The second a time lies in. Times are RFC 3339 in UTC with nine digits, so their texts sort as they do. */
export function secondOf(time: string): string {
  return time.slice(0, SECOND_CHARS);
}

/**
 * The cursor after one more line. It counts and hashes a window: every published line from the first one of the newest
 * second on, in the order of the container's file. Lines of stdout and stderr may be stored some microseconds out of
 * order; a late one belongs to the window in which it was published, so a replay of the file meets the same window.
 */
export function advanceCursor(cursor: LogCursor | undefined, line: LogLine): LogCursor {
  if (cursor === undefined || secondOf(line.time) > secondOf(cursor.time))
    return { time: line.time, seen: 1, hash: chain("", line) };
  return {
    time: line.time > cursor.time ? line.time : cursor.time,
    seen: cursor.seen + 1,
    hash: chain(cursor.hash, line),
  };
}

function chain(hash: string, line: LogLine): string {
  return sha256Hex(`${hash}${line.time} ${line.text}\n`).slice(0, HASH_DIGITS);
}

/**
 * Where a reader stands that began again at the cursor's second or before it:
 * `before` the window, `within` it, `live` behind it, or `adrift` (the window is not what was published: the file was
 * rotated in between, or the clock stepped back; then only lines newer than the cursor are surely new).
 */
export type Replay =
  | { readonly kind: "before"; readonly cursor: LogCursor }
  | { readonly kind: "within"; readonly cursor: LogCursor; readonly passed: LogCursor }
  | { readonly kind: "adrift"; readonly cursor: LogCursor }
  | { readonly kind: "live" };

/** The start of a reading: nothing published yet, or what a cursor stands for. */
export function replayFrom(cursor: LogCursor | undefined): Replay {
  return cursor === undefined ? { kind: "live" } : { kind: "before", cursor };
}

/**
 * Whether a reading that came to the end of the file met the cursor's place, or said that it is lost. Where not, the file
 * ends before the place: it was rotated, and what stood between the cursor and the new file nobody can tell.
 */
export function placeIsSettled({ kind }: Replay): boolean {
  return kind === "live" || kind === "adrift";
}

/** `lostPlace` is set once, at the line that shows it: say so with a gap before that line. */
export interface ReplayStep {
  readonly replay: Replay;
  /** False: this line was published before. */
  readonly fresh: boolean;
  readonly lostPlace?: true;
}

/** Judges the next line of a reading; hand over each line in the order of the file. */
export function skipReplay(replay: Replay, line: LogLine): ReplayStep {
  switch (replay.kind) {
    case "live":
      return { replay, fresh: true };
    case "adrift":
      return { replay, fresh: line.time > replay.cursor.time };
    case "before":
      if (secondOf(line.time) < secondOf(replay.cursor.time)) return { replay, fresh: false };
      return pass(replay.cursor, undefined, line);
    case "within":
      return pass(replay.cursor, replay.passed, line);
  }
}

/** A line newer than the cursor was never published, so within the window it proves that the window is another one. */
function pass(cursor: LogCursor, before: LogCursor | undefined, line: LogLine): ReplayStep {
  if (line.time > cursor.time) return { replay: { kind: "adrift", cursor }, fresh: true, lostPlace: true };
  const passed = advanceCursor(before, line);
  if (passed.seen < cursor.seen) return { replay: { kind: "within", cursor, passed }, fresh: false };
  if (passed.hash === cursor.hash) return { replay: { kind: "live" }, fresh: false };
  return { replay: { kind: "adrift", cursor }, fresh: false, lostPlace: true };
}
