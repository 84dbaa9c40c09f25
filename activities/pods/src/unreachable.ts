import { defined, type Outcome } from "@slipway/dag";
import { conditionOf, mainOf, type PodView } from "./pod-view.ts";
import { timesOf } from "./terminated.ts";

/** A pod still there this long after its grace is out of reach: its node is silent. */
const BEYOND_GRACE_MS = 60_000;

/** When a pod whose deletion is asked for counts as out of reach (milliseconds since 1970), by its own times. */
export function unreachableAt({ deletion }: PodView): number | undefined {
  return deletion === undefined ? undefined : Date.parse(deletion.at) + BEYOND_GRACE_MS;
}

/** The same for a request made at `asked` that the pod does not show yet. */
export function goneBy(view: PodView, asked: number): number {
  return unreachableAt(view) ?? asked + view.graceSeconds * 1000 + BEYOND_GRACE_MS;
}

/**
 * Somebody (a person, a drain, the taint manager) asked for the pod's deletion, and its node has not answered. Ask only where
 * its status shows no end. We never delete by force: that frees the name and the node may go on with the container.
 */
export function unreachable(view: PodView, now: number): Outcome | undefined {
  const at = unreachableAt(view);
  if (at === undefined || now < at) return undefined;
  const target = conditionOf(view, "DisruptionTarget");
  const evidence = defined({ reason: target?.reason, message: target?.message });
  return {
    kind: "unreachable",
    message: `unreachable, may still run: ${silence(view)}`,
    ...(target !== undefined && { evidence }),
    ...timesOf(mainOf(view)?.state),
  };
}

/** `node n has not ended the pod a minute after its grace` */
export function silence({ nodeName = "the cluster" }: PodView): string {
  const who = nodeName === "the cluster" ? nodeName : `node ${nodeName}`;
  return `${who} has not ended the pod a minute after its grace`;
}
