import {
  defined,
  type LogCheckpoint,
  type LogEnd,
  type LogEpoch,
  LogFenced,
  type LogRef,
  type LogSink,
  type LogWriter,
} from "@slipway/dag";
import { backoffMs, sleep } from "./backoff.ts";
import { BoundedWriter } from "./bounded-writer.ts";
import type { Cluster } from "./cluster.ts";
import type { PodsLog } from "./log.ts";
import { Holes, type Interval, ROTATED } from "./log-hole.ts";
import { type Pass, readPass } from "./log-pass.ts";
import { FileWatch } from "./log-rotation.ts";

/**
 * Where the container stands whose log is carried, by the newest pod status. `unborn`: it never ran and never will, so
 * its log is empty; `replaced`: it was restarted since; `gone`: the pod is; `abandoned`: its node is silent, nobody knows.
 */
export type ContainerLife = "unborn" | "running" | "ended" | "replaced" | "gone" | "abandoned";

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
  /** Whether somebody has asked to delete the pod: its log goes with it, within a second of its end. */
  readonly leaving: () => boolean;
  /** Aborted: what is buffered is flushed, no end is written, another carrier goes on. */
  readonly signal: AbortSignal;
  /** Milliseconds without a new line after which an ended container's log is given up; never where absent. */
  readonly giveUpMs?: number;
  /** A file this large is rotated (the kubelet's `containerLogMaxSize`, or less). */
  readonly rotationBytes: number;
  /** Where the watcher before stood, in case the sink has kept nothing. */
  readonly checkpoint?: LogCheckpoint | undefined;
  readonly onGap?: (interval: Interval) => void;
  /** Each time the sink was opened; it is of use until the next one. */
  readonly onOpen?: (writer: Pick<LogWriter, "checkpoint" | "position">) => void;
}

/**
 * How a carriage ended. `ended`: its end frame is published. `stopped`: the signal. `fenced`: a later watcher, or another pod, writes it.
 * `undelivered`: the sink took nothing for `giveUpMs`.
 */
export type Carried =
  | { readonly kind: "ended"; readonly end: LogEnd }
  | { readonly kind: "stopped" }
  | { readonly kind: "fenced"; readonly by: LogFenced["by"] }
  | { readonly kind: "undelivered" };

/** Reads one container's log to its end, through every broken connection; it never rejects. */
export async function carryLog(carriage: Carriage): Promise<Carried> {
  const { sink, ref, epoch, signal, log } = carriage;
  const patience = new Patience(carriage.giveUpMs);
  let { checkpoint } = carriage;
  while (!signal.aborted) {
    let writer: LogWriter | undefined;
    try {
      writer = await sink.open(ref, epoch, checkpoint);
      carriage.onOpen?.(writer);
      const end = writer.position.kind === "ended" ? writer.position.end : await carryTo(writer, carriage, patience);
      if (end !== undefined) return { kind: "ended", end };
    } catch (error) {
      if (error instanceof LogFenced) return { kind: "fenced", by: error.by };
      if (signal.aborted) break;
      if (patience.over()) return { kind: "undelivered" };
      log.warn({ container: ref.container, error: String(error) }, "the log sink failed; trying again");
      await sleep(backoffMs(patience.failures++), signal);
    } finally {
      await flush(writer, carriage);
      checkpoint = writer?.checkpoint ?? checkpoint;
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

/** Reading after reading until the container has ended and one more adds nothing. `undefined`: the signal. */
async function carryTo(writer: LogWriter, carriage: Carriage, patience: Patience): Promise<LogEnd | undefined> {
  const lines = new BoundedWriter(writer, carriage.signal, carriage.giveUpMs);
  try {
    return await passes(writer, lines, carriage, patience);
  } finally {
    lines.release();
  }
}

const SILENT = "the pod's node is silent; the container may still run";

async function passes(
  writer: LogWriter,
  lines: BoundedWriter,
  carriage: Carriage,
  patience: Patience,
): Promise<LogEnd | undefined> {
  const { signal, ref } = carriage;
  const standing = writer.position.kind === "resume" ? writer.position : undefined;
  let cursor = standing?.cursor;
  let last: Pass | undefined;
  let sawEnd = false;
  const holes = new Holes(writer, carriage.onGap);
  const file = new FileWatch(carriage.rotationBytes, standing, () => performance.now());
  while (!signal.aborted) {
    const life = carriage.life();
    if (life === "unborn") return await writer.end({ complete: true });
    if (life === "running") patience.progress();
    const pass = await readPass({ lines, holes, file }, carriage, life, cursor);
    if (signal.aborted) return undefined;
    cursor = pass.cursor;
    if (pass.added > 0) patience.progress(pass.added);
    if (life === "abandoned" && (pass.trouble !== undefined || pass.added === 0)) {
      await holes.tell(defined({ from: cursor?.time, reason: SILENT }));
      return await writer.end({ complete: false, reason: SILENT });
    }
    const over = life !== "running";
    if (over && pass.trouble === undefined && pass.added === 0) {
      if (!pass.short) return await writer.end(holes.verdict);
      // Not by one reading alone: a clean end of an answer proves nothing.
      if (last?.short === true) {
        await holes.tell(defined({ from: cursor?.time, reason: ROTATED }));
        return await writer.end(holes.verdict);
      }
    }
    last = pass;
    if (over && pass.trouble?.final && sawEnd) return await writer.end(holes.verdict);
    // Of a container that runs and that nobody ends, a clean end is only some server's on the way.
    const mayEnd = over || carriage.life() !== "running" || carriage.leaving();
    // Before the pod is gone its container is, and the kubelet has "unable to retrieve container logs" for an answer.
    if (pass.trouble === undefined || pass.added > 0) sawEnd = pass.sawEnd && !pass.short && mayEnd;
    if (over && pass.trouble !== undefined && (pass.trouble.final || patience.over())) {
      await holes.tell(defined({ from: cursor?.time, reason: pass.trouble.reason }));
      return await writer.end({ complete: false, reason: pass.trouble.reason });
    }
    if (pass.trouble !== undefined)
      carriage.log.warn({ container: ref.container, reason: pass.trouble.reason }, "reading a log broke; trying again");
    // A change meanwhile is worth more than any pause: a deleted pod's log can be read for some 0.3 s.
    if (!pass.renewed && (pass.trouble !== undefined || life === "running") && carriage.life() === life)
      await carriage.lifeChange(backoffMs(patience.failures++), signal);
  }
  return undefined;
}
