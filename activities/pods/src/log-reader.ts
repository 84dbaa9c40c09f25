import {
  fileBegan,
  type LogCursor,
  type LogLine,
  placeIsSettled,
  replayFrom,
  secondOf,
  skipReplay,
} from "@slipway/dag";
import type { Cluster, LogSource } from "./cluster.ts";
import { LineSplitter, type Piece } from "./line-splitter.ts";
import { parseLogLine } from "./log-line.ts";

/** A container that writes more than this without a newline gets several lines, with one time. */
const MAX_LINE_BYTES = 1024 * 1024;

/**
 * A new line, or the place where the log is not what was published (`lost`). `began`: the file is a younger one than the
 * cursor's, and holds the cursor's place. `short`, at the end: the file ends before the
 * cursor's place, because it is a newer file, or because the answer was cut off.
 */
export type LogPiece =
  | { readonly kind: "line"; readonly line: LogLine }
  | { readonly kind: "lost"; readonly from: string; readonly to: string }
  | { readonly kind: "began"; readonly first: string }
  | { readonly kind: "short" };

/** The answer held text without a timestamp: a server's complaint, sent with status 200. It is never a line of the task. */
export class NotALog extends Error {
  override readonly name = "NotALog";
}

/**
 * The lines of one reading that were not published before the cursor; ends at the end of the answer, which proves
 * nothing about the container. Rejects with `ApiError` or `NotALog`.
 */
export async function* readFresh(
  cluster: Pick<Cluster, "readLog">,
  source: Omit<LogSource, "sinceTime">,
  cursor: LogCursor | undefined,
  signal: AbortSignal,
): AsyncGenerator<LogPiece> {
  let replay = replayFrom(cursor);
  const bytes = cluster.readLog(withSince(source, cursor), signal);
  for await (const line of lines(bytes, !source.follow)) {
    const step = skipReplay(replay, line);
    replay = step.replay;
    if (step.fileBegan !== undefined) yield { kind: "began", first: step.fileBegan };
    if (step.lostPlace === true) yield { kind: "lost", from: cursor?.time ?? line.time, to: line.time };
    if (step.fresh) yield { kind: "line", line };
  }
  const began = fileBegan(replay);
  if (began !== undefined) yield { kind: "began", first: began };
  else if (!placeIsSettled(replay)) yield { kind: "short" };
}

/** Enough for a line's time, and for some answer where the first line is empty. */
const FIRST_BYTES = 64;

/** The time of the first line in the file that the kubelet serves now; undefined where it has none. Rejects as `readFresh`. */
export async function readFirst(
  cluster: Pick<Cluster, "readLog">,
  source: Omit<LogSource, "sinceTime" | "follow">,
  signal: AbortSignal,
): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of cluster.readLog({ ...source, follow: false, limitBytes: FIRST_BYTES }, signal))
    chunks.push(chunk);
  return parseLogLine(Buffer.concat(chunks))?.time;
}

/** One second earlier than the cursor's: a line of stderr may be stored behind a younger one of stdout. */
function withSince(source: Omit<LogSource, "sinceTime">, cursor: LogCursor | undefined): LogSource {
  if (cursor === undefined) return source;
  const since = new Date(Date.parse(`${secondOf(cursor.time)}Z`) - 1000);
  return { ...source, sinceTime: `${since.toISOString().slice(0, 19)}Z` };
}

/**
 * `whole`: the answer ends where the file does, so last words without a newline are a line. A followed one may have
 * been cut in the middle of a line, which is read again.
 */
async function* lines(bytes: AsyncIterable<Uint8Array>, whole: boolean): AsyncGenerator<LogLine> {
  const splitter = new LineSplitter(MAX_LINE_BYTES);
  let time = "";
  const read = (piece: Piece): LogLine => {
    if (piece.continued) return { time, text: piece.bytes.toString("utf8") };
    const line = parseLogLine(piece.bytes);
    if (line === undefined) throw new NotALog(piece.bytes.subarray(0, 200).toString("utf8"));
    time = line.time;
    return line;
  };
  for await (const chunk of bytes) for (const piece of splitter.push(chunk)) yield read(piece);
  for (const piece of splitter.flush()) {
    const line = read(piece);
    if (whole) yield line;
  }
}
