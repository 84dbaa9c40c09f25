import type { Client } from "@temporalio/client";

/** What one hop of a run left at Temporal. */
export interface Hop {
  readonly runId: string;
  readonly events: number;
  readonly bytes: number;
}

/** Every hop of a run, the oldest first. */
export async function hopsOf(temporal: Client, workflowId: string): Promise<readonly Hop[]> {
  const hops: Hop[] = [];
  for (let runId: string | undefined = ""; runId !== undefined; ) {
    const handle = temporal.workflow.getHandle(workflowId, runId === "" ? undefined : runId);
    const { raw } = await handle.describe();
    const { execution, historyLength, historySizeBytes } = raw.workflowExecutionInfo ?? {};
    hops.unshift({ runId: execution?.runId ?? "", events: Number(historyLength), bytes: Number(historySizeBytes) });
    runId = await before(temporal, workflowId, execution?.runId ?? "");
  }
  return hops;
}

async function before(temporal: Client, workflowId: string, runId: string): Promise<string | undefined> {
  const { history } = await temporal.workflowService.getWorkflowExecutionHistory({
    namespace: temporal.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  return history?.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || undefined;
}
