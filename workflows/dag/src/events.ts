import { sha256Hex } from "./hash.ts";
import type { TaskName, TaskRef } from "./ids.ts";
import { canonicalJson, type JsonObject } from "./json.ts";

/** Every event type; two tokens, equal to the last two of `ce-type`. */
export const EVENT_TYPES = [
  "run.started",
  "run.paused",
  "run.resumed",
  "run.changed",
  "run.finished",
  "task.waiting",
  "task.cleared",
  "task.skipped",
  "task.finished",
  "attempt.created",
  "attempt.scheduled",
  "attempt.blocked",
  "attempt.started",
  "attempt.finished",
  "pod.deleted",
  "pod.unreachable",
  "log.gap",
  "log.ended",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/**
 * What happened, once. `task` is absent on run events, `attempt` on run and task events.
 * `data` is the JSON body: cause and evidence; never an env value.
 * `facts` tells apart two events of one type and attempt (e.g. two different reasons of `attempt.blocked`).
 */
export interface SlipwayEvent {
  readonly type: EventType;
  readonly ref: Omit<TaskRef, "task"> & { readonly task?: TaskName };
  readonly attempt?: number;
  /** RFC 3339. */
  readonly time: string;
  readonly data: JsonObject;
  readonly facts?: JsonObject;
}

/** chain/task/index/attempt/type/facts, never the publisher: whoever repeats an event sends the same id. */
export function eventId(event: SlipwayEvent): string {
  const { chain, task, index } = event.ref;
  const place = [chain.firstExecutionRunId, task ?? "-", index ?? "-", event.attempt ?? "-", event.type].join("/");
  const facts = event.facts === undefined ? "" : `/${sha256Hex(canonicalJson(event.facts)).slice(0, 16)}`;
  return `${place}${facts}`;
}

/** `ce-type` of an event. */
export function ceType(type: EventType): string {
  return `dev.slipway.${type}`;
}

/** Where events go: in order, once each (an id that is already there is not sent again). */
export interface EventSink {
  /** Resolves when JetStream has accepted all of them; rejects when it could not in bounded time. */
  publish(events: readonly SlipwayEvent[]): Promise<void>;
}
