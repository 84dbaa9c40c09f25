import type { LogEnd } from "@slipway/dag";
import { LIMITS, type SourceText } from "@slipway/dag/read";
import { isFault } from "./api-error.ts";
import type { Cluster, LogSource } from "./cluster.ts";
import { readFresh } from "./log-reader.ts";
import { retrying } from "./retrying.ts";

const MOST = LIMITS.outputBytes;
const TOO_LARGE: SourceText = { kind: "unreadable", why: `is larger than ${MOST / 1024} KB` };
/** Enough for a line of 256 KB, which the runtime stores in 16 pieces, and many empty ones behind it. */
const TAIL_LINES = 1_000;
/** For one reading; the log is there, and nobody writes it any more. */
const READ_MS = 60_000;

/** The log of a container that has ended, read once more from the kubelet: the carrier may have come in its middle. */
export interface EndedLog {
  readonly cluster: Pick<Cluster, "readLog">;
  readonly source: Pick<LogSource, "namespace" | "pod" | "container">;
  /** What the carrier counted; absent where another pod wrote the log. */
  readonly end: LogEnd | undefined;
  /** Aborted: nobody waits for the text any more. */
  readonly signal: AbortSignal;
}

/** All of it, without the final newline. Rejects with what may pass: ApiError, NotALog. */
export async function wholeLog(log: EndedLog): Promise<SourceText> {
  const { end } = log;
  if (end?.complete === false)
    return { kind: "unreadable", why: `is not complete: ${end.reason ?? "parts are missing"}` };
  return await reading(log, async () => {
    const texts: string[] = [];
    let bytes = -1;
    for await (const text of linesOf(log, undefined)) {
      bytes += Buffer.byteLength(text) + 1;
      if (bytes > MOST) return TOO_LARGE;
      texts.push(text);
    }
    return texts.length < (end?.lines ?? 0) ? ROTATED : { kind: "text", text: texts.join("\n") };
  });
}

const ROTATED: SourceText = { kind: "unreadable", why: "is not whole any more: its node has rotated it" };

/** Its last line that is not empty; empty text where there is none. */
export async function lastLine(log: EndedLog): Promise<SourceText> {
  return await reading(log, async () => {
    const near = await lastOf(log, TAIL_LINES);
    const all = log.end?.lines ?? Number.POSITIVE_INFINITY;
    // The first line of an answer that was cut may be the rest of a longer one.
    const { at, text, lines } = near.at > 0 || near.lines >= all ? near : await lastOf(log, undefined);
    if (at === -1 && lines < (log.end?.lines ?? 0)) return ROTATED;
    return Buffer.byteLength(text) > MOST ? TOO_LARGE : { kind: "text", text };
  });
}

async function lastOf(
  log: EndedLog,
  tailLines: number | undefined,
): Promise<{ text: string; at: number; lines: number }> {
  let [text, at, lines] = ["", -1, 0];
  for await (const line of linesOf(log, tailLines)) {
    if (line.trim() !== "") [text, at] = [line, lines];
    lines += 1;
  }
  return { text, at, lines };
}

async function* linesOf({ cluster, source, signal }: EndedLog, tailLines: number | undefined): AsyncGenerator<string> {
  const whole = { ...source, follow: false, previous: false, ...(tailLines === undefined ? {} : { tailLines }) };
  const bound = AbortSignal.any([signal, AbortSignal.timeout(READ_MS)]);
  for await (const piece of readFresh(cluster, whole, undefined, bound))
    if (piece.kind === "line") yield piece.line.text;
}

async function reading({ signal }: EndedLog, read: () => Promise<SourceText>): Promise<SourceText> {
  try {
    return await retrying(async () => {
      signal.throwIfAborted();
      return await read();
    });
  } catch (error) {
    if (isFault(error, "notFound")) return { kind: "unreadable", why: "cannot be read: the pod was deleted first" };
    throw error;
  }
}
