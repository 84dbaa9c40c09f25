import {
  type AttemptPorts,
  type Heartbeat,
  type Pods,
  type ReleasePorts,
  releaseAttempts,
  runAttempt,
  WatchStopped,
} from "@slipway/pods";
import type { PodActivities } from "@slipway/run";
import type { Streams } from "@slipway/streams";
import { ApplicationFailure, CancelledFailure, Context } from "@temporalio/activity";
import { ApplicationFailureCategory } from "@temporalio/common";
import { z } from "zod";
import { stopReasonOf } from "./stop-reason.ts";

/** Heartbeat details of `runPod`: the pod made for this attempt. A later watcher that finds another, or none, says `lost`. */
const KnownPod = z.object({ uid: z.string() });

/** Gives the watcher of pods its ports: where logs and events go, how to say "alive", when to stop. */
export function podActivities(pods: Pods, streams: Streams): PodActivities {
  return {
    runPod: async (input) => {
      const context = Context.current();
      const known = KnownPod.safeParse(context.info.heartbeatDetails);
      const attempt = { ...input, activityAttempt: context.info.attempt, ...(known.success && { known: known.data }) };
      return await runAttempt(pods, attempt, portsOf(context, streams)).catch((error: unknown) => {
        throw failureOf(error, context);
      });
    },
    releasePods: async (input) => {
      const context = Context.current();
      const release = { ...input, activityAttempt: context.info.attempt };
      await releaseAttempts(pods, release, portsOf(context, streams)).catch((error: unknown) => {
        throw failureOf(error, context);
      });
    },
  };
}

function portsOf(context: Context, { logs, events }: Streams): AttemptPorts & ReleasePorts {
  const stop = new AbortController();
  context.cancelled.catch(() => {
    stop.abort(stopReasonOf(context.cancellationDetails));
  });
  return {
    logs,
    events,
    heartbeat: (details?: Heartbeat) => context.heartbeat(details),
    signal: stop.signal,
    now: Date.now,
  };
}

/** A watcher that let go: to Temporal either a hand-over (another goes on at once) or the cancellation it asked for. */
function failureOf(error: unknown, context: Context): unknown {
  if (!(error instanceof WatchStopped)) return error;
  if (!context.cancellationDetails?.workerShutdown) return new CancelledFailure(error.message);
  return ApplicationFailure.create({
    type: "WorkerHandoff",
    message: "this worker shuts down; another goes on with the same pod",
    category: ApplicationFailureCategory.BENIGN,
    nextRetryDelay: 1,
  });
}
