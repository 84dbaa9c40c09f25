import type { Outcome } from "@slipway/dag";
import { type ContainerState, conditionOf, type PodView } from "./pod-view.ts";

const MAX_EVIDENCE = 1024;

/** status.reason of a pod that the node ended for its own sake (eviction manager, node shutdown, preemption for critical pods). */
const DISRUPTED = new Set(["Evicted", "Preempting", "Terminated", "NodeShutdown", "Shutdown", "NodeLost"]);

/**
 * What was done to the pod, where the pod says so: status.reason, or the condition DisruptionTarget
 * (https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions). Preempted, node lost and
 * the like are one kind, `evicted`, as long as the retries treat them alike.
 */
export function disruptionOf(view: PodView, main: ContainerState | undefined): Outcome | undefined {
  const { reason, message = "" } = view;
  if (reason === "DeadlineExceeded") return deadlineExceeded(main);
  if (reason !== undefined && DISRUPTED.has(reason))
    return { kind: "evicted", message: sentence("evicted", view, message), evidence: cut(reason, message) };
  const target = conditionOf(view, "DisruptionTarget");
  if (target?.status !== "True" || (main?.kind !== "terminated" && view.phase !== "Failed")) return undefined;
  const said = target.message ?? "";
  return {
    kind: "evicted",
    message: sentence("evicted", view, said),
    evidence: cut(target.reason ?? "DisruptionTarget", said),
  };
}

/** activeDeadlineSeconds, our backstop while no worker lived; a code that the container chose itself stays its verdict. */
function deadlineExceeded(main: ContainerState | undefined): Outcome | undefined {
  const killed = main?.kind !== "terminated" || main.exitCode === 137 || main.exitCode === 143;
  if (!killed) return undefined;
  return {
    kind: "timeout",
    which: "attempt",
    message: "the node ended the pod at its activeDeadlineSeconds",
    evidence: { reason: "DeadlineExceeded" },
  };
}

/** A pod that is Failed without a word of its main container: the kubelet refused it (OutOfcpu, NodeAffinity …). */
export function refusalOf(view: PodView): Outcome | undefined {
  if (view.phase !== "Failed" && view.phase !== "Succeeded") return undefined;
  const { reason, message = "" } = view;
  if (reason === undefined)
    return { kind: "lost", message: `the pod is ${view.phase} and does not say how its main container ended` };
  return { kind: "rejected", message: sentence("refused", view, message || reason), evidence: cut(reason, message) };
}

function sentence(verb: string, { nodeName, reason }: PodView, message: string): string {
  const by = nodeName === undefined ? "" : ` by node ${nodeName}`;
  return `${verb}${by}: ${message.trim() || reason || "no reason given"}`.slice(0, MAX_EVIDENCE);
}

function cut(reason: string, message: string): { reason: string; message: string } {
  return { reason, message: message.slice(0, MAX_EVIDENCE) };
}
