import type { AttemptRef } from "@slipway/dag";
import fc from "fast-check";
import type { Frame, FrameContent, LogPlace } from "../src/frame.ts";
import { aFrame, ORIGIN } from "../src/frame-samples.ts";
import { aRef } from "../src/ref-samples.ts";

/** Something that a container does, as frames. */
type Step =
  | { readonly kind: "lines"; readonly count: number }
  | { readonly kind: "long"; readonly parts: number; readonly whole: boolean }
  | { readonly kind: "gap" | "refresh" | "end" | "restart" };
interface Log {
  readonly container: string;
  readonly attempt: number;
  /** What a run before printed under the same subject. */
  readonly before: readonly Step[];
  readonly steps: readonly Step[];
}
export interface History {
  readonly logs: readonly Log[];
  /** Which log goes on next. */
  readonly order: readonly number[];
  /** How much of the stream is not kept any more. */
  readonly lost: number | undefined;
}
/** One message of a history. */
export interface Stored {
  readonly ref: AttemptRef;
  readonly container: string;
  readonly frame: Frame;
}

const aStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.nat(5).map((count): Step => ({ kind: "lines", count: count + 1 })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ parts: fc.integer({ min: 2, max: 4 }), whole: fc.boolean() })
      .map((long): Step => ({ kind: "long", ...long })),
  },
  { weight: 3, arbitrary: fc.constantFrom<Step>({ kind: "gap" }, { kind: "refresh" }, { kind: "restart" }) },
);
const aLogOfIt = fc
  .record({
    container: fc.constantFrom("main", "sidecar", "init"),
    attempt: fc.constantFrom(1, 2),
    before: fc.array(aStep, { maxLength: 4 }),
    steps: fc.array(aStep, { minLength: 1, maxLength: 14 }),
    ends: fc.boolean(),
  })
  .map(({ ends, ...log }): Log => (ends ? { ...log, steps: [...log.steps, { kind: "end" }] } : log));
/** One subject is one log. */
const subject = ({ container, attempt }: Log): string => `${attempt}.${container}`;
export const aHistory: fc.Arbitrary<History> = fc.record({
  logs: fc.uniqueArray(aLogOfIt, { minLength: 1, maxLength: 4, selector: subject }),
  order: fc.array(fc.nat(3), { minLength: 60, maxLength: 60 }),
  lost: fc.option(fc.double({ min: 0, max: 0.9, noNaN: true }), { nil: undefined }),
});

/** Lines of the n-th frame of all: a second apart, in the order in which frames are stored. */
const BEGAN = Date.now() - 50_000;
export const timeAt = (tick: number, line: number): string => new Date(BEGAN + tick * 1_000 + line).toISOString();

/** The frames of one subject, as a writer makes them. */
class Writer {
  #place: LogPlace = { line: 1, offset: 0, bytes: 0, gaps: 0 };
  #restart = 0;
  readonly #pod: string;
  readonly #chain: string;

  constructor(pod: string, chain: string) {
    this.#pod = pod;
    this.#chain = chain;
  }

  start(): Frame {
    this.#place = { line: 1, offset: 0, bytes: 0, gaps: 0 };
    return this.#frame({ kind: "start" }, {});
  }

  *frames(step: Step, tick: number): Generator<Frame> {
    const { line, gaps } = this.#place;
    const behind = this.#place.offset > 0 ? line + 1 : line;
    const cut: FrameContent = { kind: "gap", reason: "cut off" };
    if (behind > line && step.kind !== "restart" && step.kind !== "end") {
      yield this.#frame(cut, { line: behind, offset: 0, gaps: gaps + 1 });
    }
    switch (step.kind) {
      case "lines": {
        const texts = Array.from({ length: step.count }, (_, at) => `line ${behind + at}`);
        const times = texts.map((_, at) => timeAt(tick, at));
        return yield this.#frame({ kind: "lines", texts, times }, { line: behind + step.count });
      }
      case "long":
        for (let at = 0; at < step.parts - (step.whole ? 0 : 1); at += 1) {
          const part = at === 0 ? "first" : at === step.parts - 1 ? "last" : "middle";
          const bytes = Buffer.from(`part ${at}.`);
          const content: FrameContent = { kind: "part", part, offset: at * bytes.length, bytes, time: timeAt(tick, 0) };
          const place = part === "last" ? { line: behind + 1, offset: 0 } : { offset: (at + 1) * bytes.length };
          yield this.#frame(content, place);
        }
        return;
      case "gap":
        return yield this.#frame({ kind: "gap", reason: "why" }, { line: behind, offset: 0, gaps: gaps + 1 });
      case "refresh":
        return yield this.#frame({ kind: "lines", texts: [], times: [] }, {});
      case "end":
        return yield this.#frame({ kind: "end", complete: gaps === 0 }, { line: behind, offset: 0 });
      case "restart":
        this.#restart += 1;
        yield this.start();
    }
  }

  #frame(content: FrameContent, place: Partial<LogPlace>): Frame {
    this.#place = { ...this.#place, ...place };
    const origin = { ...ORIGIN, pod: this.#pod, chain: this.#chain, restart: this.#restart, task: "passing-task" };
    return aFrame(content, this.#place, { origin });
  }
}

/** All frames of a history, in the order in which they are stored. */
export function* framesOf({ logs, order }: History, run: string): Generator<Stored> {
  const put = ({ attempt, container }: Log, frame: Frame): Stored => ({
    ref: aRef({ attempt, run }),
    container,
    frame,
  });
  for (const log of logs.filter(({ before }) => before.length > 0)) {
    const old = new Writer(`old-${subject(log)}`, "old");
    yield put(log, old.start());
    for (const step of log.before) for (const frame of old.frames(step, 0)) yield put(log, frame);
  }
  const waiting = logs.map((log) => ({ log, writer: new Writer(`pod-${subject(log)}`, "new"), todo: [...log.steps] }));
  for (const { log, writer } of waiting) yield put(log, writer.start());
  for (const [tick, turn] of order.entries()) {
    const left = waiting.filter(({ todo }) => todo.length > 0);
    const next = left[turn % left.length];
    const step = next?.todo.shift();
    if (next === undefined || step === undefined) return;
    for (const frame of next.writer.frames(step, tick + 1)) yield put(next.log, frame);
  }
}

/** A log of so many frames with ten lines each, and as many of another run between them. */
export function* longLog(run: string, frames: number): Generator<Stored> {
  const stored = (frame: Frame, of: string): Stored => ({ ref: aRef({ run: of }), container: "main", frame });
  const writers = [run, `${run}-other`].map((of) => ({ of, writer: new Writer(`pod-${of}`, "chain-1") }));
  for (const { of, writer } of writers) yield stored(writer.start(), of);
  for (let tick = 0; tick < frames; tick += 1) {
    for (const { of, writer } of writers) {
      for (const frame of writer.frames({ kind: "lines", count: 10 }, 0)) yield stored(frame, of);
    }
  }
}

/** A run of so many tasks, one after the other, each with five lines. */
export function* wideRun(run: string, tasks: number): Generator<Stored> {
  for (let task = 1; task <= tasks; task += 1) {
    const ref = aRef({ run, task: `task-${task}` });
    const writer = new Writer(`pod-${task}`, "chain-1");
    yield { ref, container: "main", frame: writer.start() };
    for (const step of [{ kind: "lines", count: 5 }, { kind: "end" }] as const) {
      for (const frame of writer.frames(step, 0)) yield { ref, container: "main", frame };
    }
  }
}
