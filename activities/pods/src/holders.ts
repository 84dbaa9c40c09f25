import { type AttemptRef, type Holder, LABEL_PREFIX, labelValue } from "@slipway/dag";
import { attemptOf } from "./attempt-of.ts";
import { hasEnded, type PodView } from "./pod-view.ts";
import { labelSelector, type Pods } from "./pods.ts";
import { listEverywhere } from "./list-everywhere.ts";

/**
 * Of these holders the ones with a pod that may run: one list for each run. A pod of the run that does not say whose it is counts
 * for all of them.
 * @throws ApiError where the pods cannot be listed
 */
export async function holdersWithPods(pods: Pods, holders: readonly Holder[]): Promise<ReadonlySet<Holder>> {
  const busy = new Set<Holder>();
  for (const [run, own] of Map.groupBy(holders, (holder) => holder.run)) {
    const selector = `${labelSelector(pods.settings)},${LABEL_PREFIX}run=${labelValue(run)}`;
    const running = (await listEverywhere(pods, selector)).filter(mayRun);
    for (const holder of own) if (running.some((view) => isOf(holder, attemptOf(view)))) busy.add(holder);
  }
  return busy;
}

function mayRun(view: PodView): boolean {
  return !hasEnded(view) && view.phase !== "Succeeded" && view.phase !== "Failed";
}

function isOf({ chain, task, index }: Holder, attempt: AttemptRef | undefined): boolean {
  if (attempt === undefined) return true;
  if (attempt.chain.firstExecutionRunId !== chain.firstExecutionRunId) return false;
  return task === undefined || (attempt.task === task && attempt.index === index);
}
