import type { Outcome } from "@slipway/dag";
import { isCancellation, rootCause } from "@temporalio/workflow";
import type { AttemptResult } from "./ports.ts";

/**
 * An attempt's activity as an outcome, whichever way it ends. The activity retries infrastructure trouble without
 * limit, so a failure that reaches the workflow is either our cancellation or one that says it is final.
 */
export async function runAttempt(activity: () => Promise<AttemptResult>): Promise<AttemptResult> {
  try {
    return await activity();
  } catch (error) {
    return { outcome: failureOf(error) };
  }
}

function failureOf(error: unknown): Outcome {
  if (isCancellation(error)) return { kind: "cancelled", message: "cancelled" };
  return { kind: "rejected", message: rootCause(error) ?? "the watcher failed for good" };
}
