import type { Outcome } from "@slipway/dag";
import { neverStarted } from "./interrupted.ts";
import { type ContainerState, conditionOf, type PodView } from "./pod-view.ts";
import { timesOf } from "./terminated.ts";

const MAX_EVIDENCE = 1024;

type Disruption = "evicted" | "preempted" | "node_lost";

/** status.reason of a pod that was ended for the node's sake (eviction manager, node shutdown, preemption for critical pods). */
const BY_STATUS: ReadonlyMap<string, Disruption> = new Map([
  ["Evicted", "evicted"],
  ["Terminated", "evicted"],
  ["NodeShutdown", "evicted"],
  ["Shutdown", "evicted"],
  ["Preempting", "preempted"],
  ["NodeLost", "node_lost"],
]);
/** Reasons of DisruptionTarget; the others (EvictionByEvictionAPI, TerminationByKubelet) are evictions. */
const BY_CONDITION: ReadonlyMap<string, Disruption> = new Map([
  ["PreemptionByScheduler", "preempted"],
  ["DeletionByTaintManager", "node_lost"],
  ["DeletionByPodGC", "node_lost"],
]);

/**
 * What was done to the pod, where the pod says so: status.reason, or the condition DisruptionTarget
 * (https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions), which comes before the
 * end: it counts once the pod is over.
 */
export function disruptionOf(view: PodView, main: ContainerState | undefined, gone: boolean): Outcome | undefined {
  const { reason = "", message = "" } = view;
  if (reason === "DeadlineExceeded") return deadlineExceeded(main);
  const byStatus = BY_STATUS.get(reason);
  if (byStatus !== undefined) return disrupted(byStatus, view, main, cut(reason, message));
  const target = conditionOf(view, "DisruptionTarget");
  const over = gone || main?.kind === "terminated" || view.phase === "Failed";
  if (target?.status !== "True" || !over) return undefined;
  const evidence = cut(target.reason ?? "DisruptionTarget", target.message ?? "");
  return disrupted(BY_CONDITION.get(evidence.reason) ?? "evicted", view, main, evidence);
}

const VERBS: Readonly<Record<Disruption, string>> = {
  evicted: "evicted by node",
  preempted: "preempted on node",
  node_lost: "lost with node",
};

/** Of a lost node nobody knows what it still started: its kubelet is silent. */
function disrupted(
  kind: Disruption,
  view: PodView,
  main: ContainerState | undefined,
  evidence: { reason: string; message: string },
): Outcome {
  const unstarted = neverStarted(view) && (kind !== "node_lost" || view.nodeName === undefined);
  const message = sentence(VERBS[kind], view, evidence.message || evidence.reason);
  return { kind, message, evidence, ...timesOf(main), ...(unstarted && { neverStarted: true }) };
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

/**
 * A pod that is Failed without a word of its main container: the kubelet refused it (OutOfcpu, NodeAffinity …), because the
 * scheduler knew less than the node. Another pod may fare better.
 */
export function refusalOf(view: PodView): Outcome | undefined {
  if (view.phase !== "Failed" && view.phase !== "Succeeded") return undefined;
  const { reason, message = "" } = view;
  if (reason === undefined)
    return { kind: "lost", message: `the pod is ${view.phase} and does not say how its main container ended` };
  return {
    kind: "rejected",
    message: sentence("refused by node", view, message || reason),
    evidence: cut(reason, message),
    ...(neverStarted(view) && { neverStarted: true }),
  };
}

/** `verb` without its preposition and "node" where no node is known. */
function sentence(verb: string, { nodeName }: PodView, message: string): string {
  const where = nodeName === undefined ? verb.split(" ")[0] : `${verb} ${nodeName}`;
  return `${where}: ${message.trim()}`.slice(0, MAX_EVIDENCE);
}

function cut(reason: string, message: string): { reason: string; message: string } {
  return { reason, message: message.slice(0, MAX_EVIDENCE) };
}
