import { sleep } from "./backoff.ts";
import type { Carriage } from "./log-carrier.ts";

/** A connection this old may be a dead one that nobody closed; with jitter, so that a fleet does not come back at once. */
const OLD_MS = { least: 30 * 60_000, most: 60 * 60_000 };
/** So much of a file, and the log is read anew behind its cursor: its window is compared by count and hash. */
const LONG_SHARE = 0.6;
/** Reading anew repeats up to two seconds of a log, so a busy one is not read anew all the time. */
const LONG_MS = 60_000;
/** How long a follow may take to see its container's end. */
const LAST_WORDS_MS = 3_000;

/**
 * Ends a follow once its container has ended: by itself it ends up to a second later (or never, kubernetes#122928). The
 * reading after it does not follow, so it misses nothing; but of a pod that is being deleted there may be no reading any
 * more, so there the follow is let see the end by itself. Ends one that has gone on for long as well, to be begun anew.
 */
export class Leash {
  readonly #pull = new AbortController();
  readonly #done = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #follow: boolean;
  readonly #longBytes: number;
  readonly #since = performance.now();
  #bytes = 0;
  #due = false;
  readonly signal: AbortSignal;

  constructor(
    carriage: Pick<Carriage, "life" | "lifeChange" | "leaving" | "signal">,
    follow: boolean,
    rotationBytes: number,
  ) {
    this.#follow = follow;
    this.#longBytes = rotationBytes * LONG_SHARE;
    this.signal = AbortSignal.any([carriage.signal, this.#pull.signal]);
    if (!follow) return;
    void this.#watch(carriage);
    const ms = OLD_MS.least + Math.random() * (OLD_MS.most - OLD_MS.least);
    this.#timer = setTimeout(() => {
      this.#due = true;
      this.#pull.abort();
    }, ms).unref();
  }

  get pulled(): boolean {
    return this.#pull.signal.aborted;
  }

  /** Pulled because it had gone on for long. */
  get due(): boolean {
    return this.#due;
  }

  /** After each line: whether so much was read that it is time to begin anew. */
  isLong(bytes: number): boolean {
    this.#bytes += bytes;
    return this.#follow && this.#bytes >= this.#longBytes && performance.now() - this.#since >= LONG_MS;
  }

  release(): void {
    clearTimeout(this.#timer);
    this.#done.abort();
  }

  async #watch({ life, lifeChange, leaving }: Pick<Carriage, "life" | "lifeChange" | "leaving">): Promise<void> {
    const done = AbortSignal.any([this.signal, this.#done.signal]);
    while (!done.aborted && life() === "running") await lifeChange(60_000, done);
    if (!done.aborted && leaving()) await sleep(LAST_WORDS_MS, done);
    if (!done.aborted) this.#pull.abort();
  }
}
