import { SlipwayError } from "@slipway/dag";
import { WorkflowFailedError } from "@temporalio/client";
import { type RunAnswer, reportRun } from "./report.ts";
import type { RunRef } from "./run-ref.ts";
import { isAborted, isDeadline, type TemporalLink } from "./temporal-link.ts";

export interface WaitOptions {
  /** Milliseconds; no limit where absent. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export type WaitResult =
  | { readonly kind: "closed"; readonly answer: RunAnswer }
  | { readonly kind: "timed-out" }
  | { readonly kind: "aborted" };

/** One long poll; the server answers an empty one after 20 s by itself. */
const POLL_MS = 60_000;
/** A server that stays away longer than this ends the wait with its error. */
const PATIENCE_MS = 60_000;

/** Waits until the run has closed. @throws SlipwayError `server-unreachable` after a minute without the server. */
export async function waitRun(link: TemporalLink, ref: RunRef, options: WaitOptions = {}): Promise<WaitResult> {
  const { timeoutMs = Number.POSITIVE_INFINITY, signal } = options;
  const deadline = Date.now() + timeoutMs;
  let lastContact = Date.now();
  for (;;) {
    if (signal?.aborted) return { kind: "aborted" };
    const left = deadline - Date.now();
    if (left <= 0) return { kind: "timed-out" };
    const seen = await pollClose(link, ref, Math.min(left, POLL_MS), signal);
    if (seen.kind === "closed") return { kind: "closed", answer: await reportRun(link, ref) };
    if (seen.kind === "open") lastContact = Date.now();
    else if (Date.now() - lastContact > PATIENCE_MS) throw seen.error;
    else await pause(Math.min(1000 * (1 + Math.random()), left), signal);
  }
}

type Seen = { readonly kind: "closed" } | { readonly kind: "open" } | { readonly kind: "away"; readonly error: Error };

async function pollClose(link: TemporalLink, ref: RunRef, timeoutMs: number, signal?: AbortSignal): Promise<Seen> {
  try {
    const handle = link.client.workflow.getHandle(ref.workflowId);
    await link.poll(() => handle.result(), { timeoutMs, ...(signal && { signal }) });
    return { kind: "closed" };
  } catch (error) {
    if (error instanceof WorkflowFailedError) return { kind: "closed" };
    if (isDeadline(error) || isAborted(error)) return { kind: "open" };
    if (error instanceof SlipwayError) return { kind: "away", error };
    throw error;
  }
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}
