import type { AttemptRef } from "./ids.ts";

/**
 * One line of a container, as the kubelet stored it. `text` has no newline; `time` is RFC 3339 in UTC with nine digits
 * (`2026-11-22T10:00:00.000000001Z`), so times sort as their texts do.
 */
export interface LogLine {
  readonly time: string;
  readonly text: string;
  /** Length of the text as the kubelet has it, where something was taken out of it. */
  readonly length?: number;
  /** The file it was read from, where its reader knows. */
  readonly file?: LogFile;
}

/** One file of a container's log: the kubelet serves the newest alone, and begins another when it has grown large. */
export interface LogFile {
  /** Time of its first line: it tells files apart. */
  readonly first: string;
  /** Time of the newest line read when somebody last saw that this still was the file. */
  readonly checked: string;
}

/** Which log: one container of one attempt, in one pod. */
export interface LogRef {
  readonly attempt: AttemptRef;
  readonly container: string;
  readonly podUid: string;
  /** containerStatuses[].restartCount */
  readonly restart: number;
}

/**
 * Where reading goes on: it lives in the headers of the last frame, so data and checkpoint commit together.
 * The API's `sinceTime` has a granularity of one second, so the cursor counts and hashes the lines already
 * published since the first one of its second (`log-cursor.ts` alone makes and reads cursors).
 */
export interface LogCursor {
  /** RFC 3339 nanoseconds, UTC, of the newest published line. */
  readonly time: string;
  /** Published lines from the first one of that second on. */
  readonly seen: number;
  /**
   * First 16 hex digits of the sha256 over those lines (previous hash + `time length\n`, chained in order). Of a text only
   * its length goes in, in UTF-16 units: whoever sees the hash cannot try guesses at what was taken out of the line.
   */
  readonly hash: string;
  /** Of the newest line whose reader knew. */
  readonly file?: LogFile;
}

/** Where a log stands, small enough for a heartbeat: a watcher that finds no frame any more goes on from here. */
export interface LogCheckpoint {
  /** Number of the next line. */
  readonly line: number;
  /** Of all lines before it, as published. */
  readonly bytes: number;
  readonly gaps: number;
  readonly cursor?: LogCursor;
}

/** Who writes, compared in this order: a lower one goes on behind a higher one's lines never; it is fenced. */
export interface LogEpoch {
  /** Continue-as-new hops. */
  readonly hop: number;
  /** 0 the activity runPod, 1 a release, 2 the reaper. */
  readonly stage: 0 | 1 | 2;
  /** The activity's attempt, from 1. */
  readonly attempt: number;
}

/** Totals and verdict of a finished log. */
export interface LogEnd {
  readonly lines: number;
  readonly bytes: number;
  readonly complete: boolean;
  /** Why it is not complete. */
  readonly reason?: string;
}

/** Where a watcher sends the lines of one container. The watcher (pods) and the carrier (streams) meet only here. */
export interface LogSink {
  /**
   * Reads the last frame from the leader, and says where reading goes on. Where this container's life has no frame (any
   * more), it is opened at `checkpoint`.
   */
  open(ref: LogRef, epoch: LogEpoch, checkpoint?: LogCheckpoint): Promise<LogWriter>;
}

/**
 * Every method rejects with `LogFenced` once a later watcher has taken over: stop, publish and delete nothing more.
 * `write` resolves when the line is buffered: awaiting it bounds memory (the kubelet's file is the buffer behind it).
 */
export interface LogWriter {
  /** `fresh`: nothing published yet; `resume`: go on after the cursor, with so much published; `ended`: an end frame is there, nothing to do. */
  readonly position:
    | { readonly kind: "fresh" }
    | { readonly kind: "resume"; readonly cursor: LogCursor; readonly lines: number; readonly bytes: number }
    | { readonly kind: "ended"; readonly end: LogEnd };
  /** Behind the last whole line that is published, at any time. */
  readonly checkpoint: LogCheckpoint;
  write(line: LogLine): Promise<void>;
  /** Says which interval may be missing, and why. False, and nothing is said, where another watcher has ended the log. */
  gap(interval: { readonly from?: string; readonly to?: string; readonly reason: string }): Promise<boolean>;
  /** Flushes and publishes the end frame. */
  end(verdict: { readonly complete: boolean; readonly reason?: string }): Promise<LogEnd>;
  /** Flushes what is buffered and stops without an end frame: another watcher, or a release, goes on. */
  close(): Promise<void>;
}

/**
 * `watcher`: a later watcher of the same pod writes this log, and the pod is its business now. `pod`: another pod of an
 * attempt with the same subject does (two runs under one run id); this pod is still ours to end.
 */
export class LogFenced extends Error {
  override readonly name = "LogFenced";
  readonly by: "watcher" | "pod";
  constructor(message = "a later watcher writes this log", by: LogFenced["by"] = "watcher") {
    super(message);
    this.by = by;
  }
}
