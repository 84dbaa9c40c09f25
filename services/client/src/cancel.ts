import { randomUUID } from "node:crypto";
import { problem, SlipwayError } from "@slipway/dag";
import { controlRun } from "./control.ts";
import type { RunRef } from "./run-ref.ts";
import { isNotFound, type TemporalLink } from "./temporal-link.ts";

export interface CancelOptions {
  /** Shown in the history and in Temporal's Web UI. */
  readonly reason?: string;
  /** Who asks; kept with the run. */
  readonly by?: string;
}

/** Milliseconds for a worker to take the update; then the server is asked, which needs none. */
const UPDATE_MS = 5_000;

/**
 * Asks a run to stop: nothing more starts, pods are ended with their grace, the run closes as cancelled when they are gone.
 * Returns when the server has taken the request. @throws SlipwayError `run-closed` where there is nothing left to cancel
 */
export async function cancelRun(link: TemporalLink, ref: RunRef, options: CancelOptions = {}): Promise<void> {
  const { reason = "", by } = options;
  const { closeTime } = await link.call(() => link.client.workflow.getHandle(ref.workflowId).describe());
  if (closeTime !== undefined) throw closed(ref);
  if ((reason !== "" || by !== undefined) && (await byUpdate(link, ref, options))) return;
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

/** The run itself keeps who and why. False where no worker takes it in time: Temporal's own Cancel, which the caller then asks for, is the same. */
async function byUpdate(link: TemporalLink, ref: RunRef, { reason, by }: CancelOptions): Promise<boolean> {
  const fields = { ...(reason !== undefined && { reason: reason.slice(0, 500) }), ...(by !== undefined && { by }) };
  try {
    await controlRun(link, ref, "cancel", fields, UPDATE_MS);
    return true;
  } catch (error) {
    if (error instanceof SlipwayError && error.problems.some(({ code }) => code === "no-worker")) return false;
    throw error;
  }
}

function closed({ workflowId }: RunRef, cause?: unknown): SlipwayError {
  return new SlipwayError([problem("run-closed", `${workflowId} is already over`)], { cause });
}
