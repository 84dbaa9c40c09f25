import { sleep, workflowInfo } from "@temporalio/workflow";

/** Resolves when a run has had its time, counted from its start over every hop. */
export async function runTimeout(timeoutMs: number): Promise<void> {
  const { startTime, runStartTime } = workflowInfo();
  const left = timeoutMs - (runStartTime.getTime() - startTime.getTime());
  await sleep(Math.max(1, left), { summary: "the run's timeout" });
}
