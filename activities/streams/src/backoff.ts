import { setTimeout as sleep } from "node:timers/promises";

const FIRST_MS = 50;
const LONGEST_MS = 2_000;

/**
 * Waits before the next try: doubling from 50 ms to 2 s, with jitter over the upper half so that a fleet does not come
 * back all at once. `tries`: how many failed so far, from 0.
 */
export async function backoff(tries: number): Promise<void> {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(tries, 10));
  await sleep(longest * (0.5 + Math.random() / 2));
}

/** Until when the server may refuse. It can be moved while someone is waiting by it. */
export class Deadline {
  #until = Number.POSITIVE_INFINITY;

  /** `ms` from now on; Infinity: no deadline. */
  constructor(ms: number) {
    this.within(ms);
  }

  within(ms: number): void {
    this.#until = Date.now() + ms;
  }

  get over(): boolean {
    return Date.now() >= this.#until;
  }
}
