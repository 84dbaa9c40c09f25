import type { LogCursor, LogEpoch, LogRef } from "@slipway/dag";

/** Names of the headers of a log frame: docs/reference/streams.md is their contract. Lookup is case-sensitive. */
export const FRAME_HEADERS = {
  kind: "Slipway-Kind",
  dag: "Slipway-Dag",
  run: "Slipway-Run",
  chain: "Slipway-Chain",
  task: "Slipway-Task",
  pod: "Slipway-Pod",
  restart: "Slipway-Restart",
  epoch: "Slipway-Epoch",
  line: "Slipway-Line",
  lines: "Slipway-Lines",
  bytes: "Slipway-Bytes",
  gaps: "Slipway-Gaps",
  cursor: "Slipway-Cursor",
  from: "Slipway-From",
  to: "Slipway-To",
  times: "Slipway-Times",
  part: "Slipway-Part",
  offset: "Slipway-Offset",
  reason: "Slipway-Reason",
  complete: "Slipway-Complete",
  resumed: "Slipway-Resumed",
} as const;

/** Largest body of a frame, in bytes. */
export const FRAME_BYTES = 64 * 1024;
/** Most lines of a frame: it bounds the header that carries their times. */
export const FRAME_LINES = 1000;

/** Whose log: in full, because a subject's token may be cut. */
export interface FrameOrigin {
  readonly dag: string;
  readonly run: string;
  /** firstExecutionRunId: two runs may use one workflow id, and so one subject, one after the other. */
  readonly chain: string;
  readonly task: string;
  readonly pod: string;
  readonly restart: number;
}

/**
 * How far a log is published: what the next writer has to know. It stands in every frame, as it is behind that frame,
 * so data and checkpoint commit together.
 */
export interface LogPlace {
  /** Number of the next line, from 1. */
  readonly line: number;
  /** Bytes of that line that are published already, where it is longer than one frame. */
  readonly offset: number;
  /** UTF-8 bytes of all published lines, each with its newline. */
  readonly bytes: number;
  /** Gap frames so far. */
  readonly gaps: number;
  /** After the last whole line; absent before the first. */
  readonly cursor?: LogCursor;
}

export const LOG_START: LogPlace = { line: 1, offset: 0, bytes: 0, gaps: 0 };

/** One message of a log subject. `place` is where the log stands behind it. */
export interface Frame {
  readonly origin: FrameOrigin;
  readonly epoch: LogEpoch;
  readonly place: LogPlace;
  readonly content: FrameContent;
}

export type FrameContent =
  /** Opens the life of one pod's container; `resumed`: again, in its middle, because no frame of it was kept. */
  | { readonly kind: "start"; readonly resumed?: true }
  /** Whole lines. None: a cursor refresh. `times` are RFC 3339, one a line. */
  | { readonly kind: "lines"; readonly texts: readonly string[]; readonly times: readonly string[] }
  /** A piece of a line that is longer than one frame; `offset` is its first byte's place in that line. */
  | {
      readonly kind: "part";
      readonly part: "first" | "middle" | "last";
      readonly offset: number;
      readonly bytes: Uint8Array;
      readonly time: string;
    }
  /** What may be missing here, and why. */
  | { readonly kind: "gap"; readonly from?: string; readonly to?: string; readonly reason: string }
  /** The log is over: `place` has its totals. */
  | { readonly kind: "end"; readonly complete: boolean; readonly reason?: string };

/** Number of the first line (or of the line a part belongs to, or of the next line) of a frame. */
export function firstLine({ place, content }: Frame): number {
  return place.line - linesIn(content);
}

/** Lines that a frame ends: a line in parts ends with its last part. */
export function linesIn(content: FrameContent): number {
  if (content.kind === "lines") return content.texts.length;
  return content.kind === "part" && content.part === "last" ? 1 : 0;
}

export function originOf({ attempt, podUid, restart }: LogRef): FrameOrigin {
  const { dag, run, task, chain } = attempt;
  return { dag, run, task, chain: chain.firstExecutionRunId, pod: podUid, restart };
}

/** Negative where `a` is the older watcher, 0 where they are the same, positive where `a` is the newer. */
export function compareEpochs(a: LogEpoch, b: LogEpoch): number {
  return a.hop - b.hop || a.stage - b.stage || a.attempt - b.attempt;
}
