import { type LogCheckpoint, LogFenced, type LogEnd, type LogLine, type LogWriter, type Redact } from "@slipway/dag";
import type { Deadline } from "./backoff.ts";
import { Budget } from "./budget.ts";
import { FRAME_BYTES, FRAME_LINES, type LogPlace } from "./frame.ts";
import { type Packed, packFrame, type WaitingLine } from "./frame-pack.ts";
import type { FramePublisher } from "./frame-publisher.ts";
import { afterBreak, endOf } from "./standing.ts";

/** Milliseconds and bytes. */
export interface LogLimits {
  /** How long a line waits for company. */
  readonly flushMs: number;
  /** UTF-8 bytes of lines that wait in one container's writer; then `write` waits. One line longer than that may pass. */
  readonly bufferBytes: number;
  /** What all logs of a worker may hold together; beyond it each holds no more than what it is about to send. */
  readonly totalBytes: number;
  /** Largest body of a frame: 64 KiB, or what the server's max_payload leaves beside the headers. */
  readonly frameBytes: number;
  /** How long `open`, `gap` and `end` try while NATS refuses, and a batch of events at most; lines are tried without limit. */
  readonly patienceMs: number;
  /** How long `close` tries: the next watcher reads again what it drops. */
  readonly closeMs: number;
  /** A log without a new frame for so long gets one without lines, so that the stream keeps its cursor. At most 24 days. */
  readonly refreshMs: number;
}

export const LOG_LIMITS: LogLimits = {
  flushMs: 100,
  bufferBytes: 1024 * 1024,
  totalBytes: 256 * 1024 * 1024,
  frameBytes: FRAME_BYTES,
  patienceMs: 60_000,
  closeMs: 5_000,
  refreshMs: 3 * 24 * 60 * 60 * 1000,
};

/** A waiting line in memory, beside its text. */
const LINE_COST = 128;

type Publisher = Pick<FramePublisher, "place" | "send">;

/** Buffers lines and sends them as frames, one in flight. Frees its timers on `end`, `close` and when it is fenced. */
export class FrameWriter implements LogWriter {
  readonly position: LogWriter["position"];
  readonly #publisher: Publisher;
  readonly #deadline: Deadline;
  readonly #limits: LogLimits;
  readonly #redact: Redact;
  readonly #budget: Budget;
  /** The first has number `place.line` or is dropped: line N is line N for every watcher. */
  #waiting: WaitingLine[] = [];
  #bytes = 0;
  #next: number;
  #timer: NodeJS.Timeout | undefined;
  #quiet: NodeJS.Timeout | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #sending = false;
  #over: { readonly error: Error } | { readonly end: LogEnd } | undefined;
  #room: (() => void)[] = [];

  constructor(
    publisher: Publisher,
    deadline: Deadline,
    limits: LogLimits,
    ended: LogEnd | undefined,
    shared: { readonly budget?: Budget; readonly redact?: Redact | undefined } = {},
  ) {
    this.#budget = shared.budget ?? new Budget(limits.totalBytes);
    this.#redact = shared.redact ?? asItIs;
    this.#publisher = publisher;
    this.#deadline = deadline;
    this.#limits = limits;
    this.#next = publisher.place.line;
    this.#over = ended && { end: ended };
    this.position = ended === undefined ? startOf(publisher.place) : { kind: "ended", end: ended };
    deadline.within(Number.POSITIVE_INFINITY);
    if (ended === undefined) this.#quiet = setTimeout(() => this.#refresh(), limits.refreshMs).unref();
  }

  get checkpoint(): LogCheckpoint {
    const { line, bytes, offset, gaps, cursor } = this.#publisher.place;
    return { line, bytes: bytes - offset, gaps, ...(cursor === undefined ? {} : { cursor }) };
  }

  /** The cursor counts what the kubelet has; all else sees the text as it is published. */
  async write({ time, text: raw, file }: LogLine): Promise<void> {
    if (raw.includes("\n")) throw new RangeError("a log line has no newline");
    const text = this.#redact(raw);
    const size = Buffer.byteLength(text);
    while (!this.#ended() && this.#bytes > 0 && this.#isFull(size)) {
      await new Promise<void>((resume) => this.#room.push(resume));
    }
    if (this.#ended()) return;
    const length = raw.length;
    this.#waiting.push({ line: this.#next, time, text, length, size, ...(file === undefined ? {} : { file }) });
    this.#next += 1;
    this.#bytes += size + 1;
    this.#budget.take(size + LINE_COST);
    if (this.#full) this.#sendNow();
    else this.#timer ??= setTimeout(() => this.#sendNow(), this.#limits.flushMs);
  }

  async gap(interval: { readonly from?: string; readonly to?: string; readonly reason: string }): Promise<boolean> {
    if (this.#ended()) return false;
    await this.#patiently(this.#limits.patienceMs, async () => {
      await this.#sendAll();
      if (this.#publisher.place.offset > 0) this.#next += 1;
      await this.#send((place) => ({
        content: { kind: "gap", ...interval, reason: this.#redact(interval.reason) },
        place: { ...afterBreak(place), gaps: place.gaps + 1 },
      }));
    });
    return this.#ended() === undefined;
  }

  async end(verdict: { readonly complete: boolean; readonly reason?: string }): Promise<LogEnd> {
    const ended = this.#ended();
    if (ended !== undefined) return ended;
    return this.#patiently(this.#limits.patienceMs, async () => {
      await this.#sendAll();
      const before = this.#ended();
      if (before !== undefined) return before;
      const sent = await this.#publisher.send((place) => endFrame(place, this.#redacted(verdict)));
      const end = sent.kind === "ended" ? sent.end : endOf(sent.packed.place, sent.packed.content);
      this.#finish({ end });
      return end;
    });
  }

  async close(): Promise<void> {
    try {
      if (this.#ended()) return;
      await this.#patiently(this.#limits.closeMs, () => this.#sendAll());
    } catch (error) {
      if (error instanceof LogFenced) throw error;
    }
    this.#finish({ error: new Error("this log writer is closed") });
  }

  #redacted<V extends { readonly reason?: string }>(verdict: V): V {
    return verdict.reason === undefined ? verdict : { ...verdict, reason: this.#redact(verdict.reason) };
  }

  /** The totals where the log is over; throws where it is over for this writer only. */
  #ended(): LogEnd | undefined {
    if (this.#over === undefined) return undefined;
    if ("error" in this.#over) throw this.#over.error;
    return this.#over.end;
  }

  #isFull(size: number): boolean {
    return this.#bytes + size > this.#limits.bufferBytes || this.#budget.spent;
  }

  get #full(): boolean {
    return this.#bytes >= this.#limits.frameBytes || this.#waiting.length >= FRAME_LINES;
  }

  #sendNow(): void {
    this.#disarm();
    if (this.#sending) return;
    this.#sending = true;
    this.#inOrder(() => this.#sendDue()).catch((error: unknown) => this.#fail(error));
  }

  /** What is there now, and then only full frames: a steady trickle is not sent line by line. */
  async #sendDue(): Promise<void> {
    try {
      do await this.#sendFrame();
      while (this.#full);
    } finally {
      this.#sending = false;
    }
    if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#sendNow(), this.#limits.flushMs);
  }

  async #sendAll(): Promise<void> {
    this.#disarm();
    while (this.#waiting.length > 0) await this.#sendFrame();
  }

  async #sendFrame(): Promise<void> {
    await this.#send((place) => {
      this.#drop(place);
      return packFrame(place, this.#waiting, this.#limits.frameBytes);
    });
    this.#drop(this.#publisher.place);
  }

  async #send(build: (place: LogPlace) => Packed | undefined): Promise<void> {
    if (this.#ended()) return;
    const sent = await this.#publisher.send(build);
    if (sent.kind === "ended") this.#finish({ end: sent.end });
    else if (sent.packed !== undefined) this.#quiet?.refresh();
  }

  /** In the middle of a long line nothing is quiet, and a frame without lines would cut it off. */
  #refresh(): void {
    const refresh = () =>
      this.#send((place) =>
        place.offset > 0 ? undefined : { content: { kind: "lines", texts: [], times: [] }, place },
      );
    this.#inOrder(refresh).catch((error: unknown) => this.#fail(error));
  }

  /** Forgets what is published, by us or by a watcher before us. */
  #drop(place: LogPlace): void {
    const published = this.#waiting.findIndex(({ line }) => line >= place.line);
    const gone = this.#waiting.splice(0, published === -1 ? this.#waiting.length : published);
    this.#forget(gone);
    if (gone.length > 0) this.#makeRoom();
  }

  #forget(lines: readonly WaitingLine[]): void {
    const bytes = lines.reduce((sum, { size }) => sum + size, 0);
    this.#bytes -= bytes + lines.length;
    this.#budget.give(bytes + lines.length * LINE_COST);
  }

  async #patiently<T>(ms: number, work: () => Promise<T>): Promise<T> {
    this.#deadline.within(ms);
    try {
      return await this.#inOrder(work);
    } catch (error) {
      if (error instanceof LogFenced) this.#fail(error);
      throw error;
    } finally {
      this.#deadline.within(Number.POSITIVE_INFINITY);
    }
  }

  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#tail.then(work);
    this.#tail = run.catch(() => {});
    return run;
  }

  #fail(error: unknown): void {
    this.#finish({ error: error instanceof Error ? error : new Error(String(error)) });
  }

  #finish(over: { readonly error: Error } | { readonly end: LogEnd }): void {
    this.#over ??= over;
    this.#disarm();
    clearTimeout(this.#quiet);
    this.#forget(this.#waiting);
    this.#waiting = [];
    this.#makeRoom();
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #makeRoom(): void {
    const waiting = this.#room;
    this.#room = [];
    for (const resume of waiting) resume();
  }
}

const asItIs: Redact = (text) => text;

function startOf({ cursor, line, bytes }: LogPlace): LogWriter["position"] {
  return cursor === undefined ? { kind: "fresh" } : { kind: "resume", cursor, lines: line - 1, bytes };
}

/** A log with a gap, or whose last line was cut off, is not complete, whatever this watcher saw itself. */
function endFrame(place: LogPlace, verdict: { readonly complete: boolean; readonly reason?: string }) {
  const flaw = place.gaps > 0 ? "lines may be missing" : place.offset > 0 ? "its last line was cut off" : undefined;
  const reason = verdict.reason ?? flaw;
  const complete = verdict.complete && flaw === undefined;
  return {
    content: { kind: "end" as const, complete, ...(reason === undefined ? {} : { reason }) },
    place: afterBreak(place),
  };
}
