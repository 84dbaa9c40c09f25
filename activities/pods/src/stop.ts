import { z } from "zod";

/**
 * Why an attempt's watcher is told to stop: `signal.abort(reason)`.
 * - `cancel`: end the pod, with its grace; the outcome is `cancelled`.
 * - `hand-off`: this worker shuts down; another one goes on with the same pod at once.
 * - `let-go`: the activity is not ours any more (paused, reset, timed out): touch nothing.
 */
export type StopReason = { readonly kind: "cancel" } | { readonly kind: "hand-off" } | { readonly kind: "let-go" };

const Reason = z.object({ kind: z.enum(["cancel", "hand-off", "let-go"]) });

/** What is not understood is `let-go`: the one that changes nothing. */
export function stopReason(signal: AbortSignal): StopReason {
  const parsed = Reason.safeParse(signal.reason);
  return parsed.success ? parsed.data : { kind: "let-go" };
}

/** The watcher stopped and the attempt goes on: no outcome. `fenced`: a later watcher has taken over. */
export class WatchStopped extends Error {
  override readonly name = "WatchStopped";
  readonly reason: Exclude<StopReason, { kind: "cancel" }> | { readonly kind: "fenced" };
  constructor(reason: WatchStopped["reason"]) {
    super(`the watcher stopped: ${reason.kind}`);
    this.reason = reason;
  }
}
