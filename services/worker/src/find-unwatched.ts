import type { InstallationActivities } from "@slipway/run";
import { Context } from "@temporalio/activity";
import proto from "@temporalio/proto";
import type { NativeConnection } from "@temporalio/worker";

const CALL_MS = 10_000;
/** A poll lasts at most 60 s, and the server keeps a poller's name for minutes after its last one. */
const FRESH_MS = 70_000;

const { PENDING_ACTIVITY_STATE_SCHEDULED } = proto.temporal.api.enums.v1.PendingActivityState;
const { TASK_QUEUE_TYPE_ACTIVITY } = proto.temporal.api.enums.v1.TaskQueueType;

/** Asks Temporal about the run that asks: one call, and one more where somebody waits. */
export function findUnwatchedActivity(connection: NativeConnection): InstallationActivities["findUnwatched"] {
  return async ({ taskQueue, activityIds }) => {
    const { namespace, workflowExecution: execution } = Context.current().info;
    const asked = new Set(activityIds);
    const { pendingActivities } = await connection.withDeadline(Date.now() + CALL_MS, () =>
      connection.workflowService.describeWorkflowExecution({ namespace, execution: { ...execution } }),
    );
    // One that is being tried again has had a worker: what befell that is told where it is watched.
    const waiting = (pendingActivities ?? []).flatMap(({ activityId, state, attempt, lastStartedTime }) => {
      const isNew = state === PENDING_ACTIVITY_STATE_SCHEDULED && attempt === 1 && !lastStartedTime;
      return isNew && activityId && asked.has(activityId) ? [activityId] : [];
    });
    if (waiting.length === 0) return { activityIds: [], reason: "" };
    const isPolled = await polled(connection, namespace, taskQueue);
    return { activityIds: waiting, reason: isPolled ? busy(taskQueue) : unpolled(taskQueue) };
  };
}

async function polled(connection: NativeConnection, namespace: string, name: string): Promise<boolean> {
  const request = { namespace, taskQueue: { name }, taskQueueType: TASK_QUEUE_TYPE_ACTIVITY };
  const { pollers } = await connection.withDeadline(Date.now() + CALL_MS, () =>
    connection.workflowService.describeTaskQueue(request),
  );
  const since = (Date.now() - FRESH_MS) / 1000;
  return (pollers ?? []).some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) >= since);
}

function unpolled(taskQueue: string): string {
  return `no worker polls the task queue ${taskQueue}; start one that serves this cluster (slipway worker)`;
}

function busy(taskQueue: string): string {
  return `no worker of the task queue ${taskQueue} has taken it up; they may be busy, or gone since a minute at most`;
}
