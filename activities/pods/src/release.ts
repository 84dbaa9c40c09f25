import type { AttemptRef, EventSink, LogSink } from "@slipway/dag";
import type { ReleasePodsInput } from "@slipway/run";
import { atOnce } from "./at-once.ts";
import type { Pods } from "./pods.ts";
import { releaseOne } from "./release-one.ts";

export interface ReleaseInput extends ReleasePodsInput {
  /** The activity's own attempt, from 1. */
  readonly activityAttempt: number;
}

export interface ReleasePorts {
  readonly logs: LogSink;
  readonly events: EventSink;
  /** The uid that was told when the attempt's pod was made; asked where the pod is gone before a release could say so. */
  readonly createdPod: (ref: AttemptRef) => Promise<string | undefined>;
  /** Must not throw. */
  readonly heartbeat: () => void;
  /** Aborted with a `StopReason`; a release is not cancelled, so `cancel` counts as `hand-off`. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const AT_ONCE = 16;

/**
 * Lets go of attempts: ends what still runs, reads each log to its end, deletes the pod. Resolves when nothing of the pods
 * can run, but for those whose nodes are silent (docs/decisions/0010); idempotent, so killed anywhere and repeated it ends in the same state.
 * @throws ApiError: try again; WatchStopped where the worker shuts down
 */
export async function releaseAttempts(pods: Pods, input: ReleaseInput, ports: ReleasePorts): Promise<void> {
  const epoch = { hop: input.hop, stage: 1, attempt: input.activityAttempt } as const;
  const failures: unknown[] = [];
  await atOnce(AT_ONCE, input.attempts, ports.heartbeat, async (next) => {
    await releaseOne(pods, next, epoch, ports).catch((error: unknown) => failures.push(error));
  });
  if (failures.length > 0) throw failures[0];
}
