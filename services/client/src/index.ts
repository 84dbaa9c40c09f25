/** The library that programs import to start, watch and read runs. */
export type { AttemptRecord } from "./attempts.ts";
export type { CancelOptions } from "./cancel.ts";
export type { ControlFields } from "./control.ts";
export { connect, type SlipwayClient } from "./connect.ts";
export type { RunFilter, RunSummary } from "./list.ts";
export { checkNats, type NatsCheck } from "./nats-check.ts";
export { everyQueueServed, type QueuePollers } from "./pollers.ts";
export type { PoolSummary } from "./pools.ts";
export type { RunAnswer, RunFailure } from "./report.ts";
export type { Rerun } from "./rerun.ts";
export { newRunId } from "./run-id.ts";
export { LATEST, type RunRef } from "./run-ref.ts";
export type { ConnectSettings, TemporalSettings } from "./settings.ts";
export type { StartRun } from "./start.ts";
export type { EventSelection, FollowRun, LogSelection } from "./streams.ts";
export { SEARCH_ATTRIBUTES, type TemporalCheck } from "./temporal-check.ts";
export type { WaitOptions, WaitResult } from "./wait.ts";
export type { Controlled, OutcomeView, PodView } from "./wire.ts";
export type { RunReport, TaskReport } from "@slipway/dag";
/** The readers themselves, for programs that bring a NATS connection of their own. */
export {
  type EventsAt,
  followEvents,
  followLog,
  type LogAt,
  type LogItem,
  type LogSource,
  type LogView,
  type NatsSettings,
  readEvents,
  readLog,
  type StoredEvent,
} from "@slipway/streams";
