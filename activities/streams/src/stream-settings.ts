import { DiscardPolicy, RetentionPolicy, StorageType, StoreCompression, type StreamConfig } from "@nats-io/jetstream";
import { nanos } from "@nats-io/nats-core";
import { canonicalJson, installationNames, sha256Hex, streamSubjects } from "@slipway/dag";

/** How much of one stream is kept; whichever bound is met first. */
export interface Retention {
  /** Milliseconds. */
  readonly ageMs: number;
  /** JetStream reserves as much; where the server has less, half as much is asked for, and half again. */
  readonly bytes: number;
}

export interface StreamSettings {
  readonly logs: Retention;
  readonly events: Retention;
  /** Of the DAG versions' bucket. */
  readonly dagBytes: number;
  /** Of the object store with large outputs. A run that goes on for longer than this cannot read its oldest ones. */
  readonly outputs: Retention;
  /** 1, or 3 or 5 in a NATS cluster. */
  readonly replicas: number;
}

const DAY = 24 * 60 * 60 * 1000;
const GIB = 1024 ** 3;

/** How long JetStream remembers message ids, in memory. */
const DUPLICATES_MS = 2 * 60 * 1000;

export const STREAM_SETTINGS: StreamSettings = {
  logs: { ageMs: 7 * DAY, bytes: 10 * GIB },
  events: { ageMs: 30 * DAY, bytes: GIB },
  dagBytes: GIB / 4,
  outputs: { ageMs: 7 * DAY, bytes: 2 * GIB },
  replicas: 1,
};

/** Key of a stream's metadata: which settings made it. A change made by hand stays until our settings change. */
export const SETTINGS_KEY = "slipway.dev/settings";

export type DesiredStream = Partial<StreamConfig> &
  Pick<StreamConfig, "name" | "max_bytes"> & { metadata: Record<string, string> };

/**
 * Watchers publish on the inner subjects; the stream stores under the public ones and repeats there what it has stored.
 * So a plain subscriber of `<root>.log.>` sees each message that JetStream accepted, and no other, once.
 */
export function desiredStream(installation: string, family: "log" | "event", settings: StreamSettings): DesiredStream {
  const names = installationNames(installation);
  const subjects = streamSubjects(installation, family);
  const kept = family === "log" ? settings.logs : settings.events;
  const config = {
    name: family === "log" ? names.logStream : names.eventStream,
    description: family === "log" ? "Slipway: what containers print" : "Slipway: what happens to runs, tasks and pods",
    subjects: [subjects.inner],
    subject_transform: { src: subjects.inner, dest: subjects.public },
    republish: { src: subjects.public, dest: subjects.public },
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    compression: StoreCompression.S2,
    allow_direct: true,
    max_age: nanos(kept.ageMs),
    max_bytes: kept.bytes,
    duplicate_window: nanos(Math.min(DUPLICATES_MS, kept.ageMs)),
    num_replicas: settings.replicas,
  };
  return { ...config, metadata: { [SETTINGS_KEY]: sha256Hex(canonicalJson(config)).slice(0, 16) } };
}
