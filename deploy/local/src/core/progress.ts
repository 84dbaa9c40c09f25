import { stripVTControlCharacters } from "node:util";

/** One piece of work that takes a moment. */
export interface Step {
  /** The latest line of the tool at work; shown shortened, never kept. */
  say(line: string): void;
  done(outcome?: string): void;
  fail(why: string): void;
}

/** Where work tells a person how far it is. Goes to stderr: stdout is for data. */
export interface Progress {
  /** Adds to m of "step n of m". */
  expect(steps: number): void;
  step(title: string): Step;
  /** A sentence that stays. */
  note(text: string): void;
}

export interface ProgressSink {
  readonly isTTY: boolean;
  readonly columns: number;
  write(text: string): void;
}

const quietEveryMs = 20_000;
const tickMs = 250;

/** "0:07", "12:40". */
export function elapsed(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Cuts `text` to one line of at most `width` characters, without control codes. */
export function oneLine(text: string, width: number): string {
  const clean = stripVTControlCharacters(text)
    .replace(/\p{Cc}+/gu, " ")
    .trim();
  return clean.length <= width ? clean : `${clean.slice(0, Math.max(0, width - 1))}…`;
}

const sinkOf = (stream: NodeJS.WriteStream): ProgressSink => ({
  get isTTY() {
    return stream.isTTY;
  },
  get columns() {
    return stream.columns ?? 100;
  },
  write: (text) => void stream.write(text),
});

/**
 * On a terminal: one line, rewritten, then its outcome. Elsewhere: a line at the start, one every 20 s, one at the end.
 * The clock is a parameter for tests.
 */
export function createProgress(sink: ProgressSink = sinkOf(process.stderr), now: () => number = Date.now): Progress {
  let total = 0;
  let started = 0;
  const head = (n: number): string => `step ${n} of ${Math.max(total, started)}`;
  const step = (title: string): Step => {
    const n = ++started;
    const begin = now();
    let last = "";
    let toldAt = begin;
    const paint = (): void => {
      const left = `${head(n)}  ${title}  ${elapsed(now() - begin)}  `;
      if (sink.isTTY) sink.write(`\r\u001b[2K${oneLine(`${left}${last}`, sink.columns - 1)}`);
      else if (now() - toldAt >= quietEveryMs) {
        toldAt = now();
        sink.write(`${oneLine(`${left}${last}`, 160)}\n`);
      }
    };
    if (sink.isTTY) paint();
    else sink.write(`${head(n)}  ${title}\n`);
    const timer = setInterval(paint, tickMs);
    timer.unref();
    const end = (outcome: string): void => {
      clearInterval(timer);
      const text = `${head(n)}  ${title}: ${outcome} (${elapsed(now() - begin)})\n`;
      sink.write(sink.isTTY ? `\r\u001b[2K${text}` : text);
    };
    return {
      say: (line) => {
        if (line.trim() !== "") last = line;
        if (!sink.isTTY) paint();
      },
      done: (outcome = "done") => end(outcome),
      fail: (why) => end(`failed: ${oneLine(why, 300)}`),
    };
  };
  return {
    expect: (steps) => {
      total += steps;
    },
    step,
    note: (text) => sink.write(sink.isTTY ? `\r\u001b[2K${text}\n` : `${text}\n`),
  };
}

/** Says nothing: for tests and for callers with a display of their own. */
export const silent: Progress = {
  expect: () => undefined,
  step: () => ({ say: () => undefined, done: () => undefined, fail: () => undefined }),
  note: () => undefined,
};

/** Runs `work` as one step; its failure is shown and rethrown. */
export async function asStep<T>(log: Progress, title: string, work: (step: Step) => Promise<T>): Promise<T> {
  const step = log.step(title);
  try {
    const result = await work(step);
    step.done();
    return result;
  } catch (error) {
    step.fail(error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
    throw error;
  }
}
