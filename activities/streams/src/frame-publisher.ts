import { randomBytes } from "node:crypto";
import type { JetStreamClient } from "@nats-io/jetstream";
import { type LogCheckpoint, LogFenced, type LogEnd, type LogEpoch, type LogRef, logSubject } from "@slipway/dag";
import { backoff, type Deadline } from "./backoff.ts";
import { compareEpochs, type Frame, type FrameOrigin, LOG_START, type LogPlace, originOf } from "./frame.ts";
import { decodeFrame } from "./frame-decode.ts";
import { encodeFrame } from "./frame-encode.ts";
import type { Packed } from "./frame-pack.ts";
import type { Leader } from "./leader.ts";
import { errorText, type Log } from "./log.ts";
import type { StoredMessage } from "./message.ts";
import { type PublishResult, publishChecked } from "./publish.ts";
import { type Standing, standing } from "./standing.ts";
import { StreamsUnavailable } from "./unavailable.ts";

/** One try of a publish: short, because whoever sends while the connection is down waits for nothing. */
const PUBLISH_MS = 3_000;

export interface FrameWorld {
  readonly js: JetStreamClient;
  /** Of the log stream. */
  readonly leader: Leader;
  readonly log: Log;
  /** Told of every refusal: it may mend what it is about. */
  readonly mend?: (error: unknown) => void;
}

/** `ended`: somebody else has ended the log meanwhile; nothing more goes in. */
export type Sent<P> = { readonly kind: "sent"; readonly packed: P } | { readonly kind: "ended"; readonly end: LogEnd };

/** How sending a frame ended. `moved`: the log stands elsewhere now, so it would be another frame. */
type Met =
  | { readonly kind: "stored"; readonly seq: number }
  | { readonly kind: "moved" }
  | { readonly kind: "ended"; readonly end: LogEnd };

/**
 * The only writer of one log subject, as far as JetStream can tell: every frame names the sequence of the one before it.
 * Callers send one frame at a time.
 */
export class FramePublisher {
  readonly #world: FrameWorld;
  readonly #deadline: Deadline;
  readonly #origin: FrameOrigin;
  readonly #epoch: LogEpoch;
  readonly #container: string;
  readonly #subjects: { readonly inner: string; readonly stored: string };
  #seq = 0;
  #place = LOG_START;
  /** Tells this writer's ids from those of another writer of the same epoch, and from those of frames now evicted. */
  #nonce = "";

  constructor(world: FrameWorld, ref: LogRef, epoch: LogEpoch, deadline: Deadline) {
    this.#world = world;
    this.#deadline = deadline;
    this.#origin = originOf(ref);
    this.#epoch = epoch;
    this.#container = ref.container;
    this.#subjects = {
      inner: logSubject(ref.attempt, ref.container, "inner"),
      stored: logSubject(ref.attempt, ref.container, "public"),
    };
  }

  /** Where the log stands behind the last frame. */
  get place(): LogPlace {
    return this.#place;
  }

  /**
   * Finds where the log stands, or begins it with a `start` frame, at `checkpoint` where there is one; resolves with its
   * totals if it is over. Throws `LogFenced`, `StreamsUnavailable`.
   */
  async open(checkpoint?: LogCheckpoint): Promise<LogEnd | undefined> {
    for (let tries = 0; ; tries += 1) {
      this.#nonce = randomBytes(4).toString("hex");
      const last = await this.#last();
      const found = await this.#standingOf(last);
      this.#seq = last?.seq ?? 0;
      if (found.kind === "ended") return found.end;
      if (found.kind === "open") {
        this.#place = found.place;
        return undefined;
      }
      const start = startAt(checkpoint);
      const result = await this.#publish(start);
      if (result.kind === "stored") {
        this.#seq = result.seq;
        this.#place = start.place;
        return undefined;
      }
      await this.#refused(result, tries);
    }
  }

  /**
   * Publishes what `build` makes of the place where the log stands; it is asked again where a lower watcher's frame came
   * in between, and only then: a frame that may be in already is sent again as it was. Where it makes nothing, nothing is
   * sent. Throws `LogFenced`, `StreamsUnavailable`.
   */
  async send<P extends Packed | undefined>(build: (place: LogPlace) => P): Promise<Sent<P>> {
    for (let moves = 0; ; moves += 1) {
      const packed = build(this.#place);
      if (packed === undefined) return { kind: "sent", packed };
      const met = await this.#insist(packed);
      if (met.kind === "ended") return met;
      if (met.kind === "stored") {
        this.#seq = met.seq;
        this.#place = packed.place;
        return { kind: "sent", packed };
      }
      if (moves > 0) await backoff(moves);
    }
  }

  /** Sends one frame until it is in, or until something else is there. */
  async #insist(packed: Packed): Promise<Met> {
    for (let tries = 0; ; tries += 1) {
      const result = await this.#publish(packed);
      const met = result.kind === "conflict" ? await this.#meet() : result;
      if (met.kind === "conflict" || met.kind === "unsure") {
        await this.#refused(met, tries);
        continue;
      }
      if (tries > 0) this.#world.log.info({ subject: this.#subjects.stored, tries }, "log frame stored after all");
      return met;
    }
  }

  /** What came in between: our own frame after all, a lower watcher's (go on behind it), or one that fences us off. */
  async #meet(): Promise<Met | Extract<PublishResult, { kind: "conflict" }>> {
    const last = await this.#last();
    if (last?.header("Nats-Msg-Id") === this.#id()) return { kind: "stored", seq: last.seq };
    if (last?.seq === this.#seq) return { kind: "conflict" };
    const found = await this.#standingOf(last);
    if (found.kind === "ended") return found;
    if (found.kind === "open") {
      if (compareEpochs(found.newest, this.#epoch) === 0)
        throw new LogFenced("another watcher of the same epoch writes this log");
      this.#place = found.place;
    }
    // Nothing there: every frame was evicted (age, bytes), and what we know goes on.
    this.#seq = last?.seq ?? 0;
    return { kind: "moved" };
  }

  async #standingOf(last: StoredMessage | undefined): Promise<Exclude<Standing, { kind: "fenced" | "other-pod" }>> {
    if (last === undefined) return { kind: "unborn" };
    const found = standing(decodeFrame(last.header, last.data), this.#origin, this.#epoch);
    if (found.kind === "fenced") throw new LogFenced(`${found.by} writes this log`);
    if (found.kind !== "other-pod") return found;
    if (await this.#hasOwn()) throw new LogFenced("another pod of the same attempt writes this log", "pod");
    return { kind: "unborn" };
  }

  async #hasOwn(): Promise<boolean> {
    for await (const { header, data } of this.#world.leader.each(this.#subjects.stored, this.#deadline)) {
      if (decodeFrame(header, data)?.origin.pod === this.#origin.pod) return true;
    }
    return false;
  }

  #last(): Promise<StoredMessage | undefined> {
    return this.#world.leader.last(this.#subjects.stored, this.#deadline);
  }

  #publish({ content, place }: Packed): Promise<PublishResult> {
    const frame: Frame = { origin: this.#origin, epoch: this.#epoch, place, content };
    const message = encodeFrame(frame);
    const { inner } = this.#subjects;
    return publishChecked(this.#world.js, { subject: inner, id: this.#id(), message, expected: this.#seq }, PUBLISH_MS);
  }

  /**
   * One per writer, place and predecessor: what is sent again has the same id, and nothing else has. The check of the
   * sequence keeps repeats out; the id tells whose frame is there.
   */
  #id(): string {
    const { pod, restart } = this.#origin;
    const { hop, stage, attempt } = this.#epoch;
    const { line, offset } = this.#place;
    return `${pod}/${this.#container}/${restart}/${hop}.${stage}.${attempt}/${line}.${offset}/${this.#seq}/${this.#nonce}`;
  }

  async #refused(result: Exclude<PublishResult, { kind: "stored" }>, tries: number): Promise<void> {
    const why = result.kind === "unsure" ? errorText(result.error) : "the sequence is in use";
    if (tries === 0) this.#world.log.warn({ subject: this.#subjects.stored, why }, "log frame not stored yet");
    if (result.kind === "unsure") this.#world.mend?.(result.error);
    if (this.#deadline.over) throw new StreamsUnavailable(`NATS did not take a log frame: ${why}`);
    await backoff(tries);
  }
}

function startAt(checkpoint: LogCheckpoint | undefined): Packed {
  if (checkpoint === undefined || checkpoint.line === LOG_START.line)
    return { content: { kind: "start" }, place: LOG_START };
  return { content: { kind: "start", resumed: true }, place: { ...checkpoint, offset: 0 } };
}
