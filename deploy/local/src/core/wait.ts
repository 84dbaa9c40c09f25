import { setTimeout as sleep } from "node:timers/promises";
import { StackError, stopIfAborted } from "./error.ts";

export interface WaitOptions<T> {
  /** Completes "waiting for …" in the error. */
  readonly what: string;
  readonly timeoutMs: number;
  /** The answer, or undefined for "not yet". What it throws ends the wait. */
  readonly probe: () => Promise<T | undefined> | T | undefined;
  /** Said when the deadline passes: why it may hang, and where to look. */
  readonly explain?: () => string;
  readonly signal?: AbortSignal | undefined;
  /** Longest pause between two probes. Default 500 ms; the first is 20 ms. */
  readonly maxPauseMs?: number;
}

/** Probes until there is an answer, pausing longer each time. Throws `StackTimeout` at the deadline. */
export async function waitFor<T>(options: WaitOptions<T>): Promise<T> {
  const deadline = Date.now() + options.timeoutMs;
  let pause = 20;
  for (;;) {
    stopIfAborted(options.signal, `waiting for ${options.what}`);
    const answer = await options.probe();
    if (answer !== undefined) return answer;
    if (Date.now() + pause > deadline) {
      throw new StackError("StackTimeout", {
        what: `gave up waiting for ${options.what}`,
        why: `nothing after ${Math.round(options.timeoutMs / 1000)} s`,
        fix: options.explain?.() ?? "look at the logs, then run the same command again",
      });
    }
    await sleep(pause);
    pause = Math.min(pause * 1.5, options.maxPauseMs ?? 500);
  }
}

/** GETs `url`: the text when the answer is 2xx, undefined for everything else (refused, slow, an error status). */
export async function httpGet(url: string, timeoutMs = 2000): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    const body = await response.text();
    return response.ok ? body : undefined;
  } catch {
    return undefined;
  }
}

/** Waits until `test` holds; false at the deadline. */
export async function holdsWithin(
  what: string,
  timeoutMs: number,
  test: () => boolean | Promise<boolean>,
): Promise<boolean> {
  try {
    return await waitFor({ what, timeoutMs, probe: async () => ((await test()) ? true : undefined), maxPauseMs: 200 });
  } catch (error) {
    if (error instanceof StackError) return false;
    throw error;
  }
}
