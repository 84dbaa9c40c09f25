import { factsOfChain } from "./attempts.ts";
import { fetchChain } from "./history.ts";
import type { RunRef } from "./run-ref.ts";
import type { TemporalLink } from "./temporal-link.ts";

/** From the result of prepareRun in the history: no worker is needed. */
export async function podTasks(link: TemporalLink, { workflowId, temporalRunId }: RunRef): Promise<readonly string[]> {
  const { prepared } = factsOfChain(await fetchChain(link, workflowId, temporalRunId));
  return (prepared?.tasks ?? []).flatMap(({ name, kind }) => (kind === "pod" ? [name] : []));
}

/** A workflow task that is scheduled and that nobody has started means: no worker (or none with a free slot) polls. */
export async function isTakenUp(link: TemporalLink, { workflowId }: RunRef): Promise<boolean> {
  const { raw } = await link.call(() => link.client.workflow.getHandle(workflowId).describe());
  const pending = raw.pendingWorkflowTask;
  const nothingWaits = pending === null || pending === undefined;
  return nothingWaits || (pending.startedTime !== null && pending.startedTime !== undefined);
}
