import { setTimeout as delay } from "node:timers/promises";
import {
  advanceCursor,
  type EventSink,
  type LogCheckpoint,
  type LogCursor,
  type LogEnd,
  type LogEpoch,
  LogFenced,
  type LogLine,
  type LogRef,
  type LogSink,
  type LogWriter,
  type SlipwayEvent,
  eventId,
} from "@slipway/dag";
import type { PodsLog } from "../log.ts";

interface Kept {
  readonly lines: LogLine[];
  readonly gaps: string[];
  /** Of the gaps, in their order. */
  readonly intervals: { readonly from?: string; readonly to?: string }[];
  cursor?: LogCursor;
  end?: LogEnd;
}

/** A LogSink in memory; like the real one it keeps lines and cursor together, in the order of its writers. */
export class MemoryLogs implements LogSink {
  readonly kept = new Map<string, Kept>();
  /** Errors that the next calls throw. */
  readonly faults: { open: Error[]; write: Error[] } = { open: [], write: [] };
  /** What each `open` was told of, in case nothing is kept. */
  readonly checkpoints: (LogCheckpoint | undefined)[] = [];
  /** A full sink: writes wait for this. */
  room: Promise<void> = Promise.resolve();

  async open(ref: LogRef, _epoch?: LogEpoch, checkpoint?: LogCheckpoint): Promise<LogWriter> {
    this.checkpoints.push(checkpoint);
    const fault = this.faults.open.shift();
    if (fault !== undefined) throw fault;
    const kept = this.of(ref.container, ref.restart, ref.attempt.attempt, ref.attempt.task);
    return {
      position:
        kept.end !== undefined
          ? { kind: "ended", end: kept.end }
          : kept.cursor === undefined
            ? { kind: "fresh" }
            : { kind: "resume", cursor: kept.cursor, lines: kept.lines.length, bytes: bytesOf(kept.lines) },
      get checkpoint() {
        const { lines, gaps, cursor } = kept;
        const at = { line: lines.length + 1, bytes: bytesOf(lines), gaps: gaps.length };
        return cursor === undefined ? at : { ...at, cursor };
      },
      write: async (line) => {
        await this.room;
        const fault = this.faults.write.shift();
        if (fault !== undefined) throw fault;
        if (kept.end !== undefined) throw new LogFenced();
        kept.lines.push(line);
        kept.cursor = advanceCursor(kept.cursor, line);
      },
      gap: async ({ reason, ...interval }) => {
        if (kept.end !== undefined) return false;
        kept.gaps.push(reason);
        kept.intervals.push(interval);
        return true;
      },
      end: async (verdict) => {
        kept.end = { lines: kept.lines.length, bytes: 0, ...verdict };
        return kept.end;
      },
      close: async () => undefined,
    };
  }

  /** By default of the attempt that `anAttempt` makes. */
  of(container: string, restart = 0, attempt = 1, task = "load"): Kept {
    const key = `${task}/${attempt}/${container}/${restart}`;
    const kept = this.kept.get(key) ?? { lines: [], gaps: [], intervals: [] };
    this.kept.set(key, kept);
    return kept;
  }

  texts(container: string, restart = 0, attempt = 1, task = "load"): readonly string[] {
    return this.of(container, restart, attempt, task).lines.map(({ text }) => text);
  }
}

function bytesOf(lines: readonly LogLine[]): number {
  return lines.reduce((sum, { text }) => sum + Buffer.byteLength(text) + 1, 0);
}

/** An EventSink in memory: an id that is there is not kept again. */
export class MemoryEvents implements EventSink {
  readonly events = new Map<string, SlipwayEvent>();
  readonly faults: Error[] = [];

  async publish(events: readonly SlipwayEvent[]): Promise<void> {
    const fault = this.faults.shift();
    if (fault !== undefined) throw fault;
    for (const event of events) if (!this.events.has(eventId(event))) this.events.set(eventId(event), event);
  }

  get types(): readonly string[] {
    return Array.from(this.events.values(), ({ type }) => type);
  }
}

/** What was logged, for tests that expect trouble. */
export function memoryLog(): PodsLog & { readonly warnings: string[] } {
  const warnings: string[] = [];
  return { warnings, info: () => undefined, warn: (_fields, message) => warnings.push(message) };
}

/** Polls until `look` gives something; fails after `ms`. */
export async function eventually<T>(look: () => T | undefined | false, ms = 5000): Promise<T> {
  const until = performance.now() + ms;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > until) throw new Error(`not within ${ms} ms: ${look.toString()}`);
    await delay(5);
  }
}
