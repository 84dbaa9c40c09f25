import { sleep, workflowInfo } from "@temporalio/workflow";

/**
 * Tells when a run that has a `timeout` has had its time. It counts from when the run began (not while it was queued), over every hop:
 * Temporal says when each began (docs/decisions/0015, 0022).
 */
export async function runTimeout(timeoutMs: number | undefined, begunMs: number, tell: () => void): Promise<void> {
  if (timeoutMs === undefined) return;
  const left = timeoutMs - (workflowInfo().runStartTime.getTime() - begunMs);
  await sleep(Math.max(1, left), { summary: "the run's timeout" });
  tell();
}
