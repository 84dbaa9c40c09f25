import { ActivityCancellationType, proxyActivities } from "@temporalio/workflow";
import { type GraphNode, installationNames, podsTaskQueue } from "@slipway/dag";
import type { Priority } from "@temporalio/common";
import type {
  InstallationActivities,
  MessageActivities,
  PodActivities,
  PreparedRun,
  ReapInput,
  ReaperActivities,
} from "./ports.ts";

/** Served on the workflow's own task queue. */
const WAIT = { cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED } as const;

/** What has an answer in any case: only a worker that is away makes it wait. */
const ANSWERED = {
  ...WAIT,
  startToCloseTimeout: "1 minute",
  retry: { initialInterval: "1s", maximumInterval: "10s" },
} as const;

export const { prepareRun } = proxyActivities<InstallationActivities>({
  ...ANSWERED,
  summary: "check and compile the DAG",
});

/** Somebody waits for the answer: where nobody can give it, it is refused. */
export const { changeParams } = proxyActivities<InstallationActivities>({
  ...ANSWERED,
  summary: "compile the DAG with other params",
  retry: { initialInterval: "1s", maximumInterval: "10s", maximumAttempts: 5 },
});

export function conditionActivities(summary: string): Pick<InstallationActivities, "evaluate"> {
  return proxyActivities<InstallationActivities>({ ...ANSWERED, summary });
}

/** The answer is always one, too. */
export function givingActivities(summary: string): Pick<InstallationActivities, "giveOutputs"> {
  return proxyActivities<InstallationActivities>({
    ...WAIT,
    summary,
    startToCloseTimeout: "1 minute",
    retry: { initialInterval: "1s", maximumInterval: "10s" },
  });
}

export const { openHold } = proxyActivities<InstallationActivities>({
  ...WAIT,
  summary: "what an approval or a wait waits for",
  startToCloseTimeout: "1 minute",
  retry: { initialInterval: "1s", maximumInterval: "10s" },
});

/** Who listens for one message. Like a watcher it is tried again without limit; heartbeats tell a dead worker within 30 s. */
export function messageActivities(installation: string, summary: string): MessageActivities {
  return proxyActivities<MessageActivities>({
    ...WAIT,
    summary,
    taskQueue: installationNames(installation).messageQueue,
    startToCloseTimeout: "30 days",
    heartbeatTimeout: "30s",
    retry: { initialInterval: "1s", maximumInterval: "10s" },
  });
}

export const { requestCancel } = proxyActivities<InstallationActivities>({
  ...WAIT,
  summary: "the run was cancelled: tell Temporal",
  startToCloseTimeout: "20s",
  retry: { initialInterval: "1s", maximumInterval: "10s", maximumAttempts: 10 },
});

export const { conclude } = proxyActivities<InstallationActivities>({ ...ANSWERED, summary: "the outputs of the run" });

/** Bounded in tries, not in time (a worker may be away for an hour): NATS trouble may cost events, never a run. */
export function eventActivities(summary: string): Pick<InstallationActivities, "publishEvents"> {
  return proxyActivities<InstallationActivities>({
    ...WAIT,
    summary,
    startToCloseTimeout: "40s",
    retry: { initialInterval: "1s", maximumInterval: "10s", maximumAttempts: 3 },
  });
}

/** Given up after some tries: it is asked again later. */
export const { findUnwatched } = proxyActivities<InstallationActivities>({
  ...WAIT,
  summary: "look for attempts that no worker has taken up",
  startToCloseTimeout: "20s",
  scheduleToCloseTimeout: "1 minute",
  retry: { initialInterval: "1s", maximumInterval: "10s", maximumAttempts: 3 },
});

/** One try: the next pass comes by the schedule. */
export function reaperActivity({ installation, cluster }: ReapInput): ReaperActivities {
  return proxyActivities<ReaperActivities>({
    ...WAIT,
    summary: `pods of ${cluster} that nobody waits for`,
    taskQueue: podsTaskQueue(installation, cluster),
    scheduleToCloseTimeout: "9 minutes",
    heartbeatTimeout: "30s",
    retry: { maximumAttempts: 1 },
  });
}

interface Label {
  readonly activityId: string;
  readonly summary: string;
  readonly priority?: Priority;
}

/** Of the five levels the first: what lets go of pods goes before what makes more of them. */
export const FIRST: Priority = { priorityKey: 1 };

/** In the task queue; Temporal's own is that of `normal`. */
export function priorityOf(node: Pick<GraphNode, "priority"> | undefined): Pick<Label, "priority"> {
  return node?.priority === undefined ? {} : { priority: { priorityKey: node.priority } };
}

/**
 * The watcher of one attempt. Its RetryPolicy serves the watcher alone: same attempt, same pod, without limit;
 * startToClose only re-attaches. Heartbeats tell a dead worker within 30 s.
 */
export function podActivities(prepared: PreparedRun, label: Label): PodActivities {
  return proxyActivities<PodActivities>({
    ...WAIT,
    ...label,
    taskQueue: podsTaskQueue(prepared.installation, prepared.cluster),
    startToCloseTimeout: "30 days",
    heartbeatTimeout: "30s",
    retry: { initialInterval: "1s", maximumInterval: "10s" },
  });
}
