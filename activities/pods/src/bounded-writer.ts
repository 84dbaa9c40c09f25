import type { LogLine, LogWriter } from "@slipway/dag";

const LOOK_MS = 1_000;

/**
 * A writer that waits for room while its server is away, for as long as that takes; here the waiting ends with the
 * signal, or after `giveUpMs`. What was waiting is not lost: it is behind the cursor, and read again.
 */
export class BoundedWriter {
  readonly #writer: LogWriter;
  readonly #signal: AbortSignal;
  readonly #timer: NodeJS.Timeout | undefined;
  /** The write under way: one at a time, so no list, and nothing that grows with the lines. */
  #waiting: { readonly since: number; readonly bail: (reason: Error) => void } | undefined;

  constructor(writer: LogWriter, signal: AbortSignal, giveUpMs?: number) {
    this.#writer = writer;
    this.#signal = signal;
    signal.addEventListener("abort", this.#stop);
    if (giveUpMs !== undefined) this.#timer = setInterval(() => this.#look(giveUpMs), Math.min(LOOK_MS, giveUpMs));
  }

  async write(line: LogLine): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#waiting = { since: performance.now(), bail: reject };
      this.#writer.write(line).then(resolve, reject);
    });
    this.#waiting = undefined;
  }

  release(): void {
    clearInterval(this.#timer);
    this.#signal.removeEventListener("abort", this.#stop);
  }

  #look(giveUpMs: number): void {
    const waited = this.#waiting === undefined ? 0 : performance.now() - this.#waiting.since;
    if (waited >= giveUpMs) this.#waiting?.bail(new Error("the log sink has no room"));
  }

  readonly #stop = (): void => {
    this.#waiting?.bail(new Error("told to stop"));
  };
}
