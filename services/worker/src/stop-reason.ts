import type { StopReason } from "@slipway/pods";
import type { ActivityCancellationDetails } from "@temporalio/common";

/**
 * Why Temporal told an activity to stop, as what to do with the pod (design: cancellation seen by the activity).
 * Only a request to cancel ends the pod; everything else lets go of it for whoever watches next.
 */
export function stopReasonOf(details: ActivityCancellationDetails | undefined): StopReason {
  if (details?.cancelRequested) return { kind: "cancel" };
  if (details?.workerShutdown) return { kind: "hand-off" };
  return { kind: "let-go" };
}
