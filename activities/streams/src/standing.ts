import type { LogEnd, LogEpoch } from "@slipway/dag";
import { compareEpochs, type Frame, type FrameOrigin, type LogPlace } from "./frame.ts";

/** What the last message of a log subject means to one watcher. */
export type Standing =
  /** Nothing of this container's life is there: open it. */
  | { readonly kind: "unborn" }
  /** Go on behind it. `newest` is who wrote it. */
  | { readonly kind: "open"; readonly place: LogPlace; readonly newest: LogEpoch }
  | { readonly kind: "ended"; readonly end: LogEnd }
  /** A later watcher, or a later life, has taken over. */
  | { readonly kind: "fenced"; readonly by: string }
  /** Another pod's frame, or none of ours at all: fenced if this pod has a frame before it, else unborn. */
  | { readonly kind: "other-pod" };

/** Pure. Epochs are compared only within one pod: watchers of different pods do not know each other. */
export function standing(last: Frame | undefined, origin: FrameOrigin, epoch: LogEpoch): Standing {
  if (last === undefined || last.origin.pod !== origin.pod) return { kind: "other-pod" };
  if (compareEpochs(last.epoch, epoch) > 0) return { kind: "fenced", by: "a later watcher" };
  if (last.origin.restart > origin.restart) return { kind: "fenced", by: "the container's next life" };
  if (last.origin.restart < origin.restart) return { kind: "unborn" };
  if (last.content.kind === "end") return { kind: "ended", end: endOf(last.place, last.content) };
  return { kind: "open", place: last.place, newest: last.epoch };
}

/** Totals over the log's whole life, whoever wrote it. */
export function endOf(place: LogPlace, end: { readonly complete: boolean; readonly reason?: string }): LogEnd {
  const { complete, reason } = end;
  return { lines: place.line - 1, bytes: place.bytes, complete, ...(reason === undefined ? {} : { reason }) };
}

/** Where a log stands behind a gap or its end: a line whose rest never came is over, and keeps its number. */
export function afterBreak(place: LogPlace): LogPlace {
  return place.offset === 0 ? place : { ...place, line: place.line + 1, offset: 0 };
}
