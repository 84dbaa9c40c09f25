import {
  advanceCursor,
  type LogCursor,
  type LogEnd,
  type LogEpoch,
  LogFenced,
  type LogRef,
  type LogSink,
  type LogWriter,
} from "@slipway/dag";
import { isFault } from "./api-error.ts";
import { backoffMs, sleep } from "./backoff.ts";
import { BoundedWriter } from "./bounded-writer.ts";
import type { Cluster } from "./cluster.ts";
import type { PodsLog } from "./log.ts";
import { readFresh } from "./log-reader.ts";

/**
 * Where the container stands whose log is carried, by the newest pod status. `unborn`: it never ran and never will, so
 * its log is empty; `replaced`: it was restarted since; `gone`: the pod is.
 */
export type ContainerLife = "unborn" | "running" | "ended" | "replaced" | "gone";

/** One container's log on its way from the kubelet to the sink. */
export interface Carriage {
  readonly cluster: Pick<Cluster, "readLog">;
  readonly pod: { readonly namespace: string; readonly name: string };
  readonly ref: LogRef;
  readonly epoch: LogEpoch;
  readonly sink: LogSink;
  readonly log: PodsLog;
  /** Read anew before each reading. */
  readonly life: () => ContainerLife;
  /** Resolves when `life` may have changed, after `ms`, or when the signal aborts. */
  readonly lifeChange: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Aborted: what is buffered is flushed, no end is written, another carrier goes on. */
  readonly signal: AbortSignal;
  /** Milliseconds without a new line after which an ended container's log is given up; never where absent. */
  readonly giveUpMs?: number;
  readonly onGap?: (interval: { readonly from?: string; readonly to?: string; readonly reason: string }) => void;
}

/**
 * How a carriage ended. `ended`: its end frame is published. `stopped`: the signal. `fenced`: a later watcher writes it.
 * `undelivered`: the sink took nothing for `giveUpMs`.
 */
export type Carried =
  | { readonly kind: "ended"; readonly end: LogEnd }
  | { readonly kind: "stopped" }
  | { readonly kind: "fenced" }
  | { readonly kind: "undelivered" };

/** Reads one container's log to its end, through every broken connection; it never rejects. */
export async function carryLog(carriage: Carriage): Promise<Carried> {
  const { sink, ref, epoch, signal, log } = carriage;
  const patience = new Patience(carriage.giveUpMs);
  while (!signal.aborted) {
    let writer: LogWriter | undefined;
    try {
      writer = await sink.open(ref, epoch);
      const end = writer.position.kind === "ended" ? writer.position.end : await carryTo(writer, carriage, patience);
      if (end !== undefined) return { kind: "ended", end };
    } catch (error) {
      if (error instanceof LogFenced) return { kind: "fenced" };
      if (signal.aborted) break;
      if (patience.over()) return { kind: "undelivered" };
      log.warn({ container: ref.container, error: String(error) }, "the log sink failed; trying again");
      await sleep(backoffMs(patience.failures++), signal);
    } finally {
      await flush(writer, carriage);
    }
  }
  return { kind: "stopped" };
}

/** After an end there is nothing to flush, and `close` says so at once. */
async function flush(writer: LogWriter | undefined, { log, ref }: Carriage): Promise<void> {
  await writer?.close().catch((error: unknown) => {
    if (!(error instanceof LogFenced))
      log.warn({ container: ref.container, error: String(error) }, "a log was not flushed; its next reader goes on");
  });
}

/** Failures in a row, and the time since the last progress (a new line, or a container that still runs). */
class Patience {
  failures = 0;
  readonly #giveUpMs: number | undefined;
  #since = performance.now();

  constructor(giveUpMs: number | undefined) {
    this.#giveUpMs = giveUpMs;
  }
  progress(lines = 0): void {
    if (lines > 0) this.failures = 0;
    this.#since = performance.now();
  }
  over(): boolean {
    return this.#giveUpMs !== undefined && performance.now() - this.#since >= this.#giveUpMs;
  }
}

/** One reading's yield; `trouble` where it broke, `final` where no other reading can mend that. */
interface Pass {
  readonly cursor: LogCursor | undefined;
  readonly added: number;
  readonly trouble?: { readonly reason: string; readonly final: boolean };
}

/** Reading after reading until the container has ended and one more adds nothing. `undefined`: the signal. */
async function carryTo(writer: LogWriter, carriage: Carriage, patience: Patience): Promise<LogEnd | undefined> {
  const lines = new BoundedWriter(writer, carriage.signal, carriage.giveUpMs);
  try {
    return await passes(writer, lines, carriage, patience);
  } finally {
    lines.release();
  }
}

async function passes(
  writer: LogWriter,
  lines: BoundedWriter,
  carriage: Carriage,
  patience: Patience,
): Promise<LogEnd | undefined> {
  const { signal, ref } = carriage;
  let cursor = writer.position.kind === "resume" ? writer.position.cursor : undefined;
  let holes = 0;
  const gap = async (from: string | undefined, to: string | undefined, reason: string) => {
    holes++;
    const interval = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }), reason };
    carriage.onGap?.(interval);
    await writer.gap(interval);
  };
  while (!signal.aborted) {
    const life = carriage.life();
    if (life === "unborn") return await writer.end({ complete: true });
    if (life === "running") patience.progress();
    const pass = await onePass(lines, carriage, life, cursor, gap);
    if (signal.aborted) return undefined;
    cursor = pass.cursor;
    if (pass.added > 0) patience.progress(pass.added);
    const over = life !== "running";
    if (over && pass.trouble === undefined && pass.added === 0)
      return await writer.end(holes === 0 ? { complete: true } : { complete: false, reason: "parts are missing" });
    if (over && pass.trouble !== undefined && (pass.trouble.final || patience.over())) {
      await gap(cursor?.time, undefined, pass.trouble.reason);
      return await writer.end({ complete: false, reason: pass.trouble.reason });
    }
    if (pass.trouble !== undefined)
      carriage.log.warn({ container: ref.container, reason: pass.trouble.reason }, "reading a log broke; trying again");
    if (pass.trouble !== undefined || life === "running")
      await carriage.lifeChange(backoffMs(patience.failures++), signal);
  }
  return undefined;
}

async function onePass(
  lines: BoundedWriter,
  carriage: Carriage,
  life: ContainerLife,
  start: LogCursor | undefined,
  gap: (from: string, to: string, reason: string) => Promise<void>,
): Promise<Pass> {
  const { cluster, pod, ref } = carriage;
  const follow = life === "running";
  const source = { namespace: pod.namespace, pod: pod.name, container: ref.container, follow };
  let cursor = start;
  let added = 0;
  const leash = new Leash(carriage, follow);
  const pieces = readFresh(cluster, { ...source, previous: life === "replaced" }, cursor, leash.signal);
  try {
    for (;;) {
      const next = await pieces.next().catch((error: unknown) => new Trouble(error));
      if (next instanceof Trouble) return leash.pulled ? { cursor, added } : { cursor, added, trouble: next.explained };
      if (next.done === true) return { cursor, added };
      if (next.value.kind === "lost") {
        await gap(next.value.from, next.value.to, "the log was rotated or its clock stepped back");
      } else {
        await lines.write(next.value.line);
        cursor = advanceCursor(cursor, next.value.line);
        added++;
      }
    }
  } finally {
    leash.release();
    await pieces.return(undefined);
  }
}

/**
 * Ends a follow once its container has ended: by itself it ends up to a second later (or never, kubernetes#122928), and
 * a deleted pod is gone by then. The reading after it does not follow, so it misses nothing.
 */
class Leash {
  readonly #pull = new AbortController();
  readonly #done = new AbortController();
  readonly signal: AbortSignal;

  constructor(carriage: Carriage, follow: boolean) {
    this.signal = AbortSignal.any([carriage.signal, this.#pull.signal]);
    if (follow) void this.#watch(carriage);
  }
  get pulled(): boolean {
    return this.#pull.signal.aborted;
  }
  release(): void {
    this.#done.abort();
  }

  async #watch({ life, lifeChange }: Carriage): Promise<void> {
    const done = AbortSignal.any([this.signal, this.#done.signal]);
    while (!done.aborted && life() === "running") await lifeChange(60_000, done);
    if (!done.aborted) this.#pull.abort();
  }
}

/** A failed reading, apart from a failed writing, which is the sink's and is thrown. */
class Trouble {
  readonly explained: { readonly reason: string; readonly final: boolean };
  constructor(error: unknown) {
    // 404: the pod object is gone, and with it every way to its log.
    const final = isFault(error, "notFound");
    const reason = final ? "the pod was gone before its log was read to the end" : messageOf(error);
    this.explained = { reason, final };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
