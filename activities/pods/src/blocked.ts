import { isPassingMount } from "./mount-error.ts";
import { conditionOf, type PodView } from "./pod-view.ts";
import type { PodWarning } from "./pod-warning.ts";

/** What a pod waits for that a person may have to mend. */
export interface Blocked {
  /** Kubernetes' reason: `Unschedulable`, `SchedulingGated`, `ImagePullBackOff`, `FailedMount` … */
  readonly reason: string;
  readonly message: string;
}

/** Reasons of a waiting container that are steps on the way, not trouble. */
const ON_THE_WAY = new Set(["", "ContainerCreating", "PodInitializing"]);

/** From the pod's status; where that is silent, from the warning about what is in its way now. */
export function blockedBy(view: PodView, warning: PodWarning | undefined): Blocked | undefined {
  const scheduled = conditionOf(view, "PodScheduled");
  if (scheduled?.status === "False") {
    const message = scheduled.message ?? "";
    return { reason: scheduled.reason ?? "Unschedulable", message: schedulersWords(message) };
  }
  for (const { name, init, state } of view.containers) {
    if (state.kind !== "waiting" || ON_THE_WAY.has(state.reason) || !(init || name === view.main)) continue;
    return { reason: state.reason, message: state.message || state.reason };
  }
  if (warning === undefined || isPassingMount(warning)) return undefined;
  return { reason: warning.reason, message: warning.message };
}

/**
 * Its volumes and its network are not there yet. Behind that a warning is of the past, and the containers' states say the
 * rest. (The condition is there since Kubernetes 1.29.)
 */
export function awaitsSandbox(view: PodView): boolean {
  if (conditionOf(view, "PodReadyToStartContainers")?.status === "True") return false;
  return view.containers.every(({ state }) => state.kind === "waiting");
}

/** The second half tells why nothing may be preempted: true, and of no help. */
function schedulersWords(message: string): string {
  return message.split(" preemption: ")[0]?.trim() ?? message;
}
