import type { Info } from "@temporalio/activity";
import { defaultPayloadConverter } from "@temporalio/common";
import type { NativeConnection } from "@temporalio/worker";
import { isNotFound } from "./not-found.ts";

const CALL_MS = 5_000;

/**
 * Whether Temporal still waits for this attempt of an activity, and for no later one: it takes heartbeats of no other. This is
 * one, so its timeout begins anew and the details are kept. Rejects where the server does not answer: the activity then fails,
 * and is tried again by whoever is current.
 */
export async function isCurrentAttempt(
  connection: NativeConnection,
  { namespace, taskToken }: Info,
  details: unknown,
): Promise<boolean> {
  const request = {
    namespace,
    taskToken,
    ...(details !== undefined && { details: { payloads: [defaultPayloadConverter.toPayload(details)] } }),
  };
  try {
    await connection.withDeadline(Date.now() + CALL_MS, () =>
      connection.workflowService.recordActivityTaskHeartbeat(request),
    );
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
