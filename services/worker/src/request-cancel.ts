import type { InstallationActivities } from "@slipway/run";
import { Context } from "@temporalio/activity";
import type { NativeConnection } from "@temporalio/worker";

const CALL_MS = 10_000;

/** Temporal's Cancel for the run that asks; asked twice, it is one. */
export function requestCancelActivity(connection: NativeConnection): InstallationActivities["requestCancel"] {
  return async () => {
    const { namespace, workflowExecution } = Context.current().info;
    if (workflowExecution === undefined) return;
    const request = { namespace, workflowExecution, requestId: `cancel/${workflowExecution.runId}` };
    await connection.withDeadline(Date.now() + CALL_MS, () =>
      connection.workflowService.requestCancelWorkflowExecution(request),
    );
  };
}
