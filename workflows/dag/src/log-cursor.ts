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
  const file = line.file ?? cursor?.file;
  const from = file === undefined ? {} : { file };
  if (cursor === undefined || secondOf(line.time) > secondOf(cursor.time))
    return { time: line.time, seen: 1, hash: chain("", line), ...from };
  return {
    time: line.time > cursor.time ? line.time : cursor.time,
    seen: cursor.seen + 1,
    hash: chain(cursor.hash, line),
    ...from,
  };
}

function chain(hash: string, line: LogLine): string {
  return sha256Hex(`${hash}${line.time} ${line.length ?? line.text.length}\n`).slice(0, HASH_DIGITS);
}

/**
 * Where a reader stands that began again at the cursor's second or before it:
 * `before` the window, `within` it, `live` behind it, or `adrift` (the window is not what was published: the file was
 * rotated in between, or the clock stepped back; then only lines newer than the cursor are surely new).
 */
export type Replay =
  | { readonly kind: "before"; readonly cursor: LogCursor; readonly older: boolean }
  | { readonly kind: "within"; readonly cursor: LogCursor; readonly passed: LogCursor; readonly tail: Tail }
  | { readonly kind: "adrift"; readonly cursor: LogCursor }
  | { readonly kind: "live" };

/**
 * Where this may be the rest of the window in a younger file: not where a line older than the window came first (that
 * file is the old one); `met` once the cursor's own line was there, so nothing behind it is missing.
 */
type Tail = { readonly began: string; readonly met: boolean } | undefined;

/** The start of a reading: nothing published yet, or what a cursor stands for. */
export function replayFrom(cursor: LogCursor | undefined): Replay {
  return cursor === undefined ? { kind: "live" } : { kind: "before", cursor, older: false };
}

/**
 * Whether a reading that came to the end of the file met the cursor's place, or said that it is lost. Where not, the file
 * ends before the place: it was rotated, and what stood between the cursor and the new file nobody can tell.
 */
export function placeIsSettled(replay: Replay): boolean {
  return replay.kind === "within" ? replay.tail?.met === true : replay.kind !== "before";
}

/** Where a reading that ended within the window met the cursor's own line in a younger file: the time of its first line. */
export function fileBegan(replay: Replay): string | undefined {
  return replay.kind === "within" && replay.tail?.met === true ? replay.tail.began : undefined;
}

/** `lostPlace` is set once, at the line that shows it: say so with a gap before that line. */
export interface ReplayStep {
  readonly replay: Replay;
  /** False: this line was published before. */
  readonly fresh: boolean;
  readonly lostPlace?: true;
  /** Set once, where the file turns out to be a younger one that began here, within the window: the time of its first line. */
  readonly fileBegan?: string;
}

/** Judges the next line of a reading; hand over each line in the order of the file. */
export function skipReplay(replay: Replay, line: LogLine): ReplayStep {
  switch (replay.kind) {
    case "live":
      return { replay, fresh: true };
    case "adrift":
      return { replay, fresh: line.time > replay.cursor.time };
    case "before":
      if (secondOf(line.time) < secondOf(replay.cursor.time))
        return { replay: { ...replay, older: true }, fresh: false };
      return pass(replay.cursor, undefined, line, replay.older ? undefined : { began: line.time, met: false });
    case "within":
      return pass(replay.cursor, replay.passed, line, replay.tail);
  }
}

/** A line newer than the cursor was never published, so within the window it proves that the window is another one. */
function pass(cursor: LogCursor, before: LogCursor | undefined, line: LogLine, tail: Tail): ReplayStep {
  if (line.time > cursor.time) {
    if (tail?.met === true) return { replay: { kind: "live" }, fresh: true, fileBegan: tail.began };
    return { replay: { kind: "adrift", cursor }, fresh: true, lostPlace: true };
  }
  const passed = advanceCursor(before, line);
  if (passed.seen < cursor.seen) {
    const met = tail !== undefined && (tail.met || line.time === cursor.time);
    return { replay: { kind: "within", cursor, passed, tail: tail && { ...tail, met } }, fresh: false };
  }
  if (passed.hash === cursor.hash) return { replay: { kind: "live" }, fresh: false };
  return { replay: { kind: "adrift", cursor }, fresh: false, lostPlace: true };
}
