import type { LogFile, LogWriter } from "@slipway/dag";
import { LineTimes } from "./line-times.ts";
import { type Interval, ROTATED } from "./log-hole.ts";

/** What the kubelet rotates at unless told otherwise (`containerLogMaxSize`). */
export const ROTATION_BYTES = 10 * 1024 * 1024;
/** A line in the kubelet's file has its time, its stream and a tag beside its text. */
const LINE_OVERHEAD = 42;
/** The file may be somewhat smaller than what we count, never half. */
const SURELY_SMALLER = 0.5;
/** One look for so many lines or this share of a file: a file in between is not missed, and little is remembered. */
const LOOK_LINES = 8_192;
const LOOK_SHARE = 0.6;
/** The kubelet looks at its files every 10 s. */
const LOOK_MS = 1_000;
const MOST_TIMES = 131_072;

/** Where a log stands that another watcher began: what was published, and the cursor behind it. */
export type Standing = Extract<LogWriter["position"], { kind: "resume" }>;

/**
 * Notices that a log's file was rotated under its reader. The kubelet's follow goes over to the new file by itself, and
 * what was written to the old one at that moment nobody sees: the API serves the new one alone. So the file's first line
 * is looked at now and then, and where it is another one, what may be missing lies between that line and the one before it.
 */
export class FileWatch {
  readonly #rotationBytes: number;
  readonly #now: () => number;
  readonly #times = new LineTimes(MOST_TIMES);
  #file: LogFile | undefined;
  /** First line of a file that the reading has not come to yet. */
  #ahead: string | undefined;
  #newest: string | undefined;
  /** Of the file, at most. */
  #bytes: number;
  #since = 0;
  #looked = Number.NEGATIVE_INFINITY;

  /** `now` in milliseconds, of any clock that does not step. */
  constructor(rotationBytes: number, standing: Standing | undefined, now: () => number) {
    this.#rotationBytes = rotationBytes;
    this.#now = now;
    this.#file = standing?.cursor.file;
    this.#newest = standing?.cursor.time;
    this.#bytes = standing === undefined ? 0 : standing.bytes + standing.lines * LINE_OVERHEAD;
  }

  /** What the next lines are read from, as far as known. */
  get file(): LogFile | undefined {
    return this.#file;
  }

  /** Whether there can have been a rotation at all: a short log is never looked at. */
  get possible(): boolean {
    return this.#bytes >= this.#rotationBytes * SURELY_SMALLER;
  }

  /** Whether to look now, in the middle of a reading; ask after each line. */
  due(): boolean {
    const enough = this.#times.count >= LOOK_LINES || this.#since >= this.#rotationBytes * LOOK_SHARE;
    if (!enough) return false;
    if (!this.possible) this.#verified(this.#file?.first);
    return this.possible && this.#now() - this.#looked >= LOOK_MS;
  }

  /** Call it before each new line: what may be missing in front of it. */
  line(time: string, textLength: number): Interval | undefined {
    const hole = this.#ahead !== undefined && time >= this.#ahead ? this.#began(time, this.#newest) : undefined;
    this.#file ??= { first: time, checked: time };
    this.#newest = time;
    this.#times.push(time);
    this.#since += textLength + LINE_OVERHEAD;
    this.#bytes += textLength + LINE_OVERHEAD;
    return hole;
  }

  /** What the file's first line tells: where lines may be missing. Undefined: the file is empty. */
  look(first: string | undefined): Interval | undefined {
    this.#looked = this.#now();
    if (first === undefined) return undefined;
    if (this.#newest !== undefined && first > this.#newest) {
      this.#ahead ??= first;
      return undefined;
    }
    const known = this.#file;
    if (known !== undefined && first !== known.first && first > known.checked)
      return this.#began(first, this.#times.before(first) ?? known.checked);
    this.#verified(first);
    return undefined;
  }

  /** The reading itself showed that its place is lost: everything from this line on is another file's. */
  lost(time: string): void {
    this.#began(time, undefined);
  }

  #began(first: string, before: string | undefined): Interval {
    this.#bytes = this.#since;
    this.#ahead = undefined;
    this.#verified(first);
    return { ...(before === undefined ? {} : { from: before }), to: first, reason: ROTATED };
  }

  /** Up to the newest line this is the file. */
  #verified(first: string | undefined): void {
    const newest = this.#newest ?? first;
    if (first !== undefined && newest !== undefined) this.#file = { first, checked: newest > first ? newest : first };
    this.#times.clear();
    this.#since = 0;
  }
}
