import type { AttemptRef, Redact } from "@slipway/dag";
import { type Pods, reapPods } from "@slipway/pods";
import type { ReaperActivities } from "@slipway/run";
import type { Streams } from "@slipway/streams";
import { Context } from "@temporalio/activity";
import { redactError } from "./redact-error.ts";
import { sayFinished } from "./say-finished.ts";
import { type StandingPorts, standings } from "./standing.ts";

export interface ReapDependencies extends Omit<StandingPorts, "onClosed"> {
  readonly pods: Pods;
  readonly streams: Streams;
  readonly ageMs: number;
  readonly redact: Redact | undefined;
}

/** Ended by Temporal: such a run could not say so itself. */
const BY_TEMPORAL = new Set(["terminated", "timed out"]);

export function reapActivity({ pods, streams, ageMs, redact, ...ask }: ReapDependencies): ReaperActivities["reapPods"] {
  const { logs, events } = streams;
  return async () => {
    const context = Context.current();
    const stop = new AbortController();
    context.cancelled.catch(() => stop.abort({ kind: "hand-off" }));
    const standingOf = standings({
      ...ask,
      onClosed: async (ref, how) => {
        if (!BY_TEMPORAL.has(how)) return;
        await sayFinished(events, ref, how).catch((error: unknown) =>
          context.log.warn("the end of a run was not told", { error }),
        );
      },
    });
    const ports = {
      logs,
      events,
      createdPod: (ref: AttemptRef) => streams.createdPod(ref),
      heartbeat: () => context.heartbeat(),
      standingOf,
      signal: stop.signal,
      now: () => pods.cluster.now(),
    };
    return await reapPods(pods, ageMs, ports).catch((error: unknown) => {
      throw redactError(error, redact);
    });
  };
}
