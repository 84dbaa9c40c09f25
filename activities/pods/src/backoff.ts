import { setTimeout as delay } from "node:timers/promises";

const MIN_MS = 100;
const MAX_MS = 10_000;

/** Milliseconds before try `failures + 1`: full jitter between 0.1 s and a bound that doubles up to 10 s. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const bound = Math.min(MAX_MS, MIN_MS * 2 ** Math.min(failures, 10));
  return MIN_MS + random() * (bound - MIN_MS);
}

/** Resolves after `ms`, or at once when the signal aborts. It never rejects: ask the signal afterwards. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}

/** What `work` gives within `ms`, else `undefined`. The work goes on: it must have an owner that ends it. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const timer = new AbortController();
  try {
    return await Promise.race([work, sleep(ms, timer.signal).then(() => undefined)]);
  } finally {
    timer.abort();
  }
}

/** What `work` gives, or `undefined` once the signal aborts. The work goes on: it must have an owner that ends it. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const over = new AbortController();
  const aborted = new Promise<undefined>((resolve) => {
    const stop = () => resolve(undefined);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true, signal: over.signal });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    over.abort();
  }
}
