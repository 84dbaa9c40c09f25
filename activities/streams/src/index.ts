/** JetStream carriage of logs and events: sinks for watchers, readers for everyone else. It knows nothing of pods. */
export { type ConnectSettings, connectNats } from "./connect.ts";
export type { NatsSettings } from "./login.ts";
export type { StoredEvent } from "./event-decode.ts";
export { type EventsAt, followEvents, readEvents } from "./event-reader.ts";
export type { FollowOptions } from "./follow.ts";
export type { Listen, Message } from "./listen.ts";
export type { Log } from "./log.ts";
export type { LogItem, LogSource } from "./log-item.ts";
export type { LogAt } from "./log-choice.ts";
export type { LogView } from "./log-view.ts";
export { followLog, readLog } from "./log-reader.ts";
export type { LogLimits } from "./log-writer.ts";
export { type Retention, STREAM_SETTINGS, type StreamSettings } from "./stream-settings.ts";
export { connectStreams, type Streams, type StreamsSettings } from "./streams.ts";
export { StreamsUnavailable } from "./unavailable.ts";
