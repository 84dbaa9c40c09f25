import { WorkflowClient } from "@temporalio/client";
import type { NativeConnection } from "@temporalio/worker";

const CALL_MS = 5_000;

/** The query `state` of an open run. Rejects where there is no answer in time (no worker serves its queue). */
export async function askState(connection: NativeConnection, namespace: string, workflowId: string): Promise<unknown> {
  const runs = new WorkflowClient({ connection, namespace });
  return await connection.withDeadline(
    Date.now() + CALL_MS,
    async () => await runs.getHandle(workflowId).query("state"),
  );
}
