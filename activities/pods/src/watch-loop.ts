import { isFault } from "./api-error.ts";
import { backoffMs, sleep } from "./backoff.ts";
import type { WatchFrom } from "./cluster.ts";
import type { PodsLog } from "./log.ts";

/** What is listed and watched, and where its news goes. */
export interface WatchSource<Event extends { readonly resourceVersion: string }> {
  /** For the log: `pods`. */
  readonly what: string;
  readonly namespace: string;
  /** Takes in what stands now; gives the version to watch from. */
  list(): Promise<string>;
  watch(from: WatchFrom): AsyncIterable<Event>;
  apply(event: Event): void;
  /** Called where we may not watch, which ends the loop; where absent that is trouble like any other. */
  forbidden?(): void;
}

/** Milliseconds, but for the watch's own seconds. */
export interface WatchTimes {
  /** The server ends a watch after a random time between these; then, or after 410, everything is listed again. */
  readonly watchSeconds: readonly [number, number];
  /** A list at least this often, whatever the watch said: a lost event heals within it. */
  readonly relistMs: number;
}

/** A watch that stood for so long and then broke was none that failed, though it said nothing: the next one is begun at once. */
const STOOD_MS = 5_000;

/** List, watch, list again, until the signal. It never rejects: trouble is logged and tried again. */
export async function watchOn<Event extends { readonly resourceVersion: string }>(
  source: WatchSource<Event>,
  times: WatchTimes,
  log: PodsLog,
  signal: AbortSignal,
): Promise<void> {
  const { what, namespace } = source;
  let failures = 0;
  let from: { version: string; listedAt: number } | undefined;
  while (!signal.aborted) {
    let begun = Number.POSITIVE_INFINITY;
    try {
      if (from === undefined || performance.now() - from.listedAt > times.relistMs) {
        from = { version: await source.list(), listedAt: performance.now() };
      }
      const quietSoFar = failures;
      begun = performance.now();
      for await (const event of source.watch(watchFrom(from.version, times, signal))) {
        from.version = event.resourceVersion;
        failures = 0;
        source.apply(event);
      }
      // A server that ends every watch at once must not be asked in a hot loop.
      if (failures === quietSoFar) await sleep(backoffMs(failures++), signal);
    } catch (error) {
      if (signal.aborted) return;
      if (source.forbidden !== undefined && isFault(error, "refused") && error.fault.status === 403)
        return source.forbidden();
      if (isFault(error, "expired")) from = undefined;
      if (performance.now() - begun >= STOOD_MS) failures = 0;
      const ms = isFault(error, "throttled") ? error.fault.retryAfterMs : backoffMs(failures++);
      log.warn({ namespace, error: String(error), retryInMs: Math.round(ms) }, `the watch of ${what} broke`);
      await sleep(ms, signal);
    }
  }
}

function watchFrom(resourceVersion: string, { watchSeconds: [least, most] }: WatchTimes, signal: AbortSignal) {
  return { resourceVersion, timeoutSeconds: Math.round(least + Math.random() * (most - least)), signal };
}
