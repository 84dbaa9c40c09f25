import { sleep } from "./backoff.ts";

/** How fast pods may be created. Kubernetes counts none of it: the limit protects a cluster that others use as well. */
export interface Rate {
  readonly perSecond: number;
  /** How many at once after a quiet time. */
  readonly burst: number;
}

/** First come, first served. A waiter holds a place and nothing else, so an aborted one costs its turn only. */
export class TokenBucket {
  readonly #rate: Rate;
  readonly #now: () => number;
  /** When the bucket would be full again; ahead of `now` by what has been taken. */
  #fullAt: number;

  /** `now` in milliseconds; monotonic. */
  constructor(rate: Rate, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#now = now;
    this.#fullAt = now();
  }

  /** Milliseconds to wait for the token that is taken now. */
  take(): number {
    const now = this.#now();
    const interval = 1000 / this.#rate.perSecond;
    this.#fullAt = Math.max(this.#fullAt, now) + interval;
    return Math.max(0, this.#fullAt - now - this.#rate.burst * interval);
  }

  /** Resolves when a pod may be created, or when the signal aborts. */
  async acquire(signal?: AbortSignal): Promise<void> {
    const wait = this.take();
    if (wait > 0) await sleep(wait, signal);
  }
}
