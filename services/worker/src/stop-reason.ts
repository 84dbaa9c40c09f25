import type { StopReason } from "@slipway/pods";
import type { ActivityCancellationDetails } from "@temporalio/common";
import type { ChainFate } from "./chain-fate.ts";

/**
 * Why Temporal told the watcher of an attempt to stop, as what to do with the pod. It is ended where that was asked for,
 * or where the run is over (terminated, timed out) and nobody waits for it; everything else lets go of it for whoever
 * watches next. A server tells of a continue-as-new as of a cancel, so a cancel counts only where the run is where it was;
 * in doubt it is let go too: the run's release ends what it has cancelled.
 */
export function watcherStop(details: ActivityCancellationDetails | undefined, fate: ChainFate | undefined): StopReason {
  if (fate?.kind === "moved" || fate?.kind === "unknown") return { kind: "let-go" };
  if (details?.cancelRequested) return { kind: "cancel" };
  if (details?.workerShutdown) return { kind: "hand-off" };
  return fate?.kind === "closed" ? { kind: "cancel" } : { kind: "let-go" };
}

/** A release is never cancelled. Where the run is over it goes on: what it began is wanted all the same. */
export function releaseStop(
  details: ActivityCancellationDetails | undefined,
  fate: ChainFate | undefined,
): StopReason | undefined {
  if (details?.workerShutdown) return { kind: "hand-off" };
  return fate?.kind === "closed" ? undefined : { kind: "let-go" };
}
