import { podsTaskQueue } from "@slipway/dag";
import { ActivityCancellationType, proxyActivities } from "@temporalio/workflow";
import type { HolderActivities, PoolActivities } from "./pool-ports.ts";

const WAIT = { cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED } as const;

/** Without limit: what a run says to its pools is never lost while it is open. */
export function poolActivities(summary: string): PoolActivities {
  return proxyActivities<PoolActivities>({
    ...WAIT,
    summary,
    startToCloseTimeout: "20s",
    retry: { initialInterval: "1s", maximumInterval: "10s" },
  });
}

/** Given up after some tries: the next look comes. */
export function holderActivities(installation: string, cluster: string): HolderActivities {
  return proxyActivities<HolderActivities>({
    ...WAIT,
    summary: `holders in ${cluster} that are gone`,
    taskQueue: podsTaskQueue(installation, cluster),
    scheduleToCloseTimeout: "1 minute",
    startToCloseTimeout: "30s",
    retry: { initialInterval: "1s", maximumInterval: "10s", maximumAttempts: 2 },
  });
}
