import { INPUT_TOO_LARGE, type Outcome } from "@slipway/dag";
import { isCancellation, rootCause } from "@temporalio/workflow";
import type { CommandRoom } from "./command-room.ts";
import type { AttemptResult, PodActivities, RunPodInput } from "./ports.ts";

/**
 * An attempt's activity as an outcome, whichever way it ends. The activity retries infrastructure trouble without
 * limit, so a failure that reaches the workflow is either our cancellation or one that says it is final.
 * Without an input, what its expressions name is more than an activity is given.
 */
export async function runAttempt(
  room: CommandRoom,
  runPod: PodActivities["runPod"],
  input: RunPodInput | undefined,
): Promise<AttemptResult> {
  if (input === undefined) return { outcome: INPUT_TOO_LARGE };
  try {
    await room.take(input);
    return await runPod(input);
  } catch (error) {
    return { outcome: failureOf(error) };
  }
}

function failureOf(error: unknown): Outcome {
  if (isCancellation(error)) return { kind: "cancelled", message: "cancelled" };
  return { kind: "rejected", message: rootCause(error) ?? "the watcher failed for good" };
}
