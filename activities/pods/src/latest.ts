import { sleep } from "./backoff.ts";

/** The newest of many values: readers never see a queue, so a slow one skips what is out of date. */
export class Latest<T> {
  #value: T;
  #changed = Promise.withResolvers<void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  readonly set = (value: T): void => {
    this.#value = value;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  };

  /** Resolves at the next `set`, after `ms`, or when the signal aborts. Call it in the same turn as the last look at `value`. */
  async next(ms: number, signal: AbortSignal): Promise<void> {
    const wait = new AbortController();
    const changed = this.#changed.promise;
    try {
      await Promise.race([changed, sleep(ms, AbortSignal.any([signal, wait.signal]))]);
    } finally {
      wait.abort();
    }
  }
}
