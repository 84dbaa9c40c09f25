import type { Outcome } from "@slipway/dag";
import { mainOf, type PodView } from "./pod-view.ts";
import { type Terminated, timesOf } from "./terminated.ts";

/**
 * Whether the container ended after somebody had asked to delete the pod: then its code says nothing about its work. A
 * second request with another grace leaves this difference as it was. Our own requests (cancel, release) ask for no verdict.
 */
export function endedByDelete({ deletion }: PodView, { finishedAt }: Terminated): boolean {
  if (deletion === undefined || finishedAt === undefined) return false;
  return Date.parse(deletion.at) - deletion.graceSeconds * 1000 <= Date.parse(finishedAt);
}

export function interrupted(main: Terminated): Outcome {
  const { exitCode, reason } = main;
  return {
    kind: "interrupted",
    exitCode,
    message: `somebody deleted the pod while it ran (exit code ${exitCode})`,
    ...(reason === "" ? {} : { evidence: { reason } }),
    ...timesOf(main),
  };
}

/** Deleted by somebody on its way to main's start. */
export function interruptedUnstarted(view: PodView): Outcome | undefined {
  if (view.deletion === undefined || !neverStarted(view)) return undefined;
  return { kind: "interrupted", message: "somebody deleted the pod before it started", neverStarted: true };
}

/** Known for sure: the last word on the pod (the kubelet's, or of a pod that no kubelet ever had) shows no main container. */
export function neverStarted(view: PodView): boolean {
  const main = mainOf(view);
  if (main?.state.kind === "running") return false;
  if (main?.state.kind === "terminated") return neverMade(main.containerID, main.state);
  return view.phase === "Failed" || view.nodeName === undefined;
}

/** What the kubelet writes for a container that it was still pulling for; one that it lost had an id, or "used to be Running". */
function neverMade(containerID: string | undefined, { reason, message, startedAt }: Terminated): boolean {
  if (reason !== "ContainerStatusUnknown" || containerID !== undefined || startedAt !== undefined) return false;
  return message === "The container could not be located when the pod was terminated";
}
