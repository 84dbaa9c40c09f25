import type { Info } from "@temporalio/activity";
import type { NativeConnection } from "@temporalio/worker";

const CALL_MS = 5_000;

/**
 * Whether Temporal still waits for this attempt of an activity, and for no later one. Rejects where the server does not
 * answer: the activity then fails, and is tried again by whoever is current.
 */
export async function isCurrentAttempt(connection: NativeConnection, info: Info): Promise<boolean> {
  const { namespace, workflowExecution, activityId, attempt } = info;
  if (workflowExecution === undefined) return false;
  const request = { namespace, execution: { ...workflowExecution } };
  const { pendingActivities } = await connection.withDeadline(Date.now() + CALL_MS, () =>
    connection.workflowService.describeWorkflowExecution(request),
  );
  return (pendingActivities ?? []).some((pending) => pending.activityId === activityId && pending.attempt === attempt);
}
