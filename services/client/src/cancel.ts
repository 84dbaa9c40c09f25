import { randomUUID } from "node:crypto";
import { problem, SlipwayError } from "@slipway/dag";
import type { RunRef } from "./run-ref.ts";
import { isNotFound, type TemporalLink } from "./temporal-link.ts";

export interface CancelOptions {
  /** Shown in the history and in Temporal's Web UI. */
  readonly reason?: string;
}

/**
 * Asks a run to stop: nothing more starts, pods are ended with their grace, the run closes as cancelled when they are gone.
 * Returns when the server has taken the request. @throws SlipwayError `run-closed` where there is nothing left to cancel
 */
export async function cancelRun(link: TemporalLink, ref: RunRef, { reason = "" }: CancelOptions = {}): Promise<void> {
  const { closeTime } = await link.call(() => link.client.workflow.getHandle(ref.workflowId).describe());
  if (closeTime !== undefined) throw closed(ref);
  const request = {
    namespace: link.namespace,
    workflowExecution: { workflowId: ref.workflowId },
    identity: link.client.options.identity,
    requestId: randomUUID(),
    reason,
  };
  try {
    await link.call(() => link.client.workflowService.requestCancelWorkflowExecution(request));
  } catch (error) {
    throw isNotFound(error) ? closed(ref, error) : error;
  }
}

function closed({ workflowId }: RunRef, cause?: unknown): SlipwayError {
  return new SlipwayError([problem("run-closed", `${workflowId} is already over`)], { cause });
}
