import type { RunReport } from "@slipway/dag";
import type { WorkflowHandle } from "@temporalio/client";

/** What a run says of itself, asked as any program would. */
export async function reportOf(handle: Pick<WorkflowHandle, "query">): Promise<RunReport> {
  return await handle.query<RunReport>("state");
}
