import type { JsonObject } from "@slipway/dag";
import { decode, type HistoryEvent } from "./history.ts";
import {
  type OutcomeView,
  type PodView,
  type PreparedView,
  readAttemptResult,
  readPrepared,
  readRunPodInput,
} from "./wire.ts";

/** One attempt of one task, from the run's history: it needs no worker, and NATS may have forgotten long ago. */
export interface AttemptRecord {
  readonly task: string;
  readonly index?: number;
  readonly attempt: number;
  /** Temporal's id of the activity that watches it. */
  readonly activityId: string;
  readonly state: "scheduled" | "running" | "ended";
  readonly scheduledAt: Date;
  readonly endedAt?: Date;
  /** Absent while it runs, and where the watcher itself failed for good. */
  readonly outcome?: OutcomeView;
  /** What it handed on. */
  readonly outputs?: JsonObject;
  readonly pod?: PodView;
  /** Why the watcher failed or was cancelled, where there is no outcome. */
  readonly trouble?: string;
}

/** What a history says about a run. `prepared` is absent until prepareRun has answered. */
export interface HistoryFacts {
  readonly prepared?: PreparedView;
  readonly attempts: readonly AttemptRecord[];
  readonly cancelRequested: boolean;
}

/** The facts of a chain: an attempt that ran on over a hop is one attempt, scheduled when it was first. */
export function factsOfChain(hops: readonly (readonly HistoryEvent[])[]): HistoryFacts {
  const facts = hops.map((events) => factsOf(events));
  const attempts = new Map<string, AttemptRecord>();
  for (const attempt of facts.flatMap((hop) => hop.attempts)) {
    const scheduledAt = attempts.get(attempt.activityId)?.scheduledAt ?? attempt.scheduledAt;
    attempts.set(attempt.activityId, { ...attempt, scheduledAt });
  }
  const prepared = facts.find((hop) => hop.prepared !== undefined)?.prepared;
  const cancelRequested = facts.some((hop) => hop.cancelRequested);
  return { ...(prepared && { prepared }), attempts: [...attempts.values()], cancelRequested };
}

/** Folds the history of one hop. */
export function factsOf(events: readonly HistoryEvent[]): HistoryFacts {
  const attempts = new Map<string, AttemptRecord>();
  let prepared: PreparedView | undefined;
  let cancelRequested = false;
  for (const event of events) {
    schedule(attempts, event);
    end(attempts, event);
    prepared ??= readPrepared(decode(event.activityTaskCompletedEventAttributes?.result?.payloads?.[0]));
    cancelRequested ||= Boolean(event.workflowExecutionCancelRequestedEventAttributes);
  }
  return { ...(prepared && { prepared }), attempts: [...attempts.values()], cancelRequested };
}

function schedule(attempts: Map<string, AttemptRecord>, event: HistoryEvent): void {
  const scheduled = event.activityTaskScheduledEventAttributes;
  if (scheduled?.activityType?.name !== "runPod") return;
  const ref = readRunPodInput(decode(scheduled.input?.payloads?.[0]));
  if (ref === undefined) return;
  const activityId = scheduled.activityId ?? "";
  attempts.set(String(event.eventId), { ...ref, activityId, state: "scheduled", scheduledAt: timeOf(event) });
}

function end(attempts: Map<string, AttemptRecord>, event: HistoryEvent): void {
  const { activityTaskStartedEventAttributes: started, activityTaskCompletedEventAttributes: completed } = event;
  const failed = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes;
  const cancelled = event.activityTaskCanceledEventAttributes;
  const key = String((started ?? completed ?? failed ?? cancelled)?.scheduledEventId);
  const attempt = attempts.get(key);
  if (attempt === undefined) return;
  if (started) attempts.set(key, { ...attempt, state: "running" });
  else attempts.set(key, { ...attempt, state: "ended", endedAt: timeOf(event), ...endOf(event) });
}

function endOf(event: HistoryEvent): Pick<AttemptRecord, "outcome" | "outputs" | "pod" | "trouble"> {
  const result = readAttemptResult(decode(event.activityTaskCompletedEventAttributes?.result?.payloads?.[0]));
  if (result !== undefined) return result;
  if (event.activityTaskCanceledEventAttributes) return { trouble: "cancelled" };
  const failure =
    event.activityTaskFailedEventAttributes?.failure ?? event.activityTaskTimedOutEventAttributes?.failure;
  return { trouble: failure?.cause?.message || failure?.message || "the watcher failed" };
}

function timeOf({ eventTime }: HistoryEvent): Date {
  return new Date(Number(eventTime?.seconds ?? 0) * 1000 + Math.floor((eventTime?.nanos ?? 0) / 1e6));
}
