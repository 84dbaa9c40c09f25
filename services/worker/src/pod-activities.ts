import type { PodActivities } from "@slipway/run";
import { type AttemptPorts, type AttemptSettings, type Cluster, releaseAttempts, runAttempt, type StopReason, WatchStopped } from "@slipway/pods";
import type { Streams } from "@slipway/streams";
import { ApplicationFailureCategory } from "@temporalio/common";
import { ApplicationFailure, CancelledFailure, Context } from "@temporalio/activity";
import type { Logger } from "pino";
import { z } from "zod";
import { stopReasonOf } from "./stop-reason.ts";

export interface PodDependencies {
  readonly cluster: Cluster;
  readonly streams: Streams;
  readonly settings: AttemptSettings;
  readonly log: Logger;
}

/** Heartbeat details of `runPod`: the pod made for this attempt. A later watcher that finds another, or none, says `lost`. */
const KnownPod = z.object({ uid: z.string() });

/** Hands the watcher of pods its ports: where logs and events go, how to say "alive", when to stop. */
export function podActivities({ cluster, streams, settings, log }: PodDependencies): PodActivities {
  return {
    runPod: async (input) => {
      const context = Context.current();
      const known = KnownPod.safeParse(context.info.heartbeatDetails);
      const ports = activityPorts(context, streams, log);
      const attempt = { ...input, settings, activityAttempt: context.info.attempt, ...(known.success && { knownUid: known.data.uid }) };
      return await runAttempt(cluster, attempt, ports).catch((error: unknown) => {
        throw watcherFailure(error, context);
      });
    },
    releasePods: async (input) => {
      const context = Context.current();
      const ports = activityPorts(context, streams, log);
      await releaseAttempts(cluster, { ...input, settings, activityAttempt: context.info.attempt }, ports).catch((error: unknown) => {
        throw watcherFailure(error, context);
      });
    },
  };
}

function activityPorts(context: Context, streams: Streams, log: Logger): AttemptPorts {
  const stop = new AbortController();
  context.cancelled.catch(() => stop.abort(stopReasonOf(context.cancellationDetails) satisfies StopReason));
  return {
    logs: streams.logs,
    events: streams.events,
    heartbeat: (details) => context.heartbeat(details),
    signal: stop.signal,
    now: Date.now,
    log,
  };
}

/** A watcher that let go: to Temporal either a hand-over (another goes on at once) or the cancellation it asked for. */
function watcherFailure(error: unknown, context: Context): unknown {
  if (!(error instanceof WatchStopped)) return error;
  if (!context.cancellationDetails?.workerShutdown) return new CancelledFailure(error.message);
  return ApplicationFailure.create({
    type: "WorkerHandoff",
    message: "this worker shuts down; another goes on with the same pod",
    category: ApplicationFailureCategory.BENIGN,
    nextRetryDelay: 1,
  });
}
