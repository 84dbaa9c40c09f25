import { type AttemptRecord, factsOfChain } from "./attempts.ts";
import { decode, fetchChain } from "./history.ts";
import type { RunRef } from "./run-ref.ts";
import type { TemporalLink } from "./temporal-link.ts";
import { type PodView, readHeartbeat } from "./wire.ts";

interface Watched {
  readonly pod?: PodView;
  /** The watcher's last error, where it is being tried again: infrastructure trouble, not the task's. */
  readonly trouble?: string;
  readonly started: boolean;
}

/** Every attempt of a run in the order they were scheduled; a running one with the pod its watcher last reported. */
export async function listAttempts(link: TemporalLink, ref: RunRef): Promise<readonly AttemptRecord[]> {
  const { runId, raw } = await newestHop(link, ref);
  const watched = new Map<string, Watched>();
  for (const pending of raw.pendingActivities ?? []) {
    const pod = readHeartbeat(decode(pending.heartbeatDetails?.payloads?.[0]));
    const trouble = pending.lastFailure?.message;
    const started = pending.lastStartedTime !== null && pending.lastStartedTime !== undefined;
    watched.set(pending.activityId ?? "", { started, ...(pod && { pod }), ...(trouble && { trouble }) });
  }
  const { attempts } = factsOfChain(await fetchChain(link, ref.workflowId, runId));
  return attempts.map((attempt) => withWatch(attempt, watched.get(attempt.activityId)));
}

/** The chain may have moved on since `ref` was made; another chain under the same workflow id is another run. */
async function newestHop(link: TemporalLink, { workflowId, temporalRunId, firstExecutionRunId }: RunRef) {
  const describe = (runId?: string) => link.call(() => link.client.workflow.getHandle(workflowId, runId).describe());
  const newest = await describe();
  const isOurs = newest.raw.workflowExecutionInfo?.firstRunId === firstExecutionRunId;
  return isOurs ? newest : await describe(temporalRunId);
}

/** Temporal writes "started" into the history only when the activity ends: until then the pending list knows. */
function withWatch(attempt: AttemptRecord, watch: Watched | undefined): AttemptRecord {
  if (attempt.state === "ended" || watch === undefined) return attempt;
  const { pod, trouble, started } = watch;
  return { ...attempt, state: started ? "running" : "scheduled", ...(pod && { pod }), ...(trouble && { trouble }) };
}
