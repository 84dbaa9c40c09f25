import { type JetStreamClient } from "@nats-io/jetstream";
import { nanos } from "@nats-io/nats-core";
import { type ObjectStore, Objm, StorageType } from "@nats-io/obj";
import { installationNames } from "@slipway/dag";
import { errorText, type Log } from "./log.ts";
import { withRoom } from "./room.ts";
import type { Retention } from "./stream-settings.ts";
import { StreamsUnavailable } from "./unavailable.ts";

/** Large outputs of tasks, by name. Whoever puts the same again changes nothing that a reader sees. */
export interface OutputStore {
  /** Resolves once the server has it. */
  put(name: string, json: string): Promise<void>;
  /** undefined: not there, or no more. */
  get(name: string): Promise<string | undefined>;
}

/** For all chunks of one object; an output has at most 256 KB, and a request of its own 5 s. */
const READ_MS = 10_000;

/** Opens the bucket, and makes it where it is missing; it forgets what is older than it may be. */
export async function outputStore(
  js: JetStreamClient,
  installation: string,
  kept: Retention & { readonly replicas: number },
  log: Log,
): Promise<OutputStore> {
  const name = installationNames(installation).outputBucket;
  const bucket = await withRoom(name, kept.bytes, log, async (bytes) => await open(js, name, { ...kept, bytes }));
  return {
    put: async (output, json) => void (await bucket.putBlob({ name: output }, new TextEncoder().encode(json))),
    get: async (output) => await read(bucket, output),
  };
}

async function open(
  js: JetStreamClient,
  name: string,
  { ageMs, bytes, replicas }: Retention & { readonly replicas: number },
): Promise<ObjectStore> {
  const description = "Slipway: large outputs of tasks";
  const options = { description, storage: StorageType.File, compression: true, replicas, max_bytes: bytes };
  return await new Objm(js).create(name, { ...options, ttl: nanos(ageMs) });
}

async function read(bucket: ObjectStore, name: string): Promise<string | undefined> {
  const found = await bucket.get(name);
  if (found === null) return undefined;
  // What breaks it breaks the reading too.
  found.error.catch(() => undefined);
  const reader = found.data.getReader();
  let isLate = false;
  // A server that goes away in the middle says nothing at all.
  const timer = setTimeout(() => {
    isLate = true;
    void reader.cancel();
  }, READ_MS);
  const chunks: Uint8Array[] = [];
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value);
  } finally {
    clearTimeout(timer);
  }
  if (isLate) throw new Error(`${name} did not come whole within ${READ_MS / 1000} s`);
  return Buffer.concat(chunks).toString("utf8");
}

/** One store for the whole connection, opened when it is first used, and again after any failure: somebody may have deleted it. */
export function lazyOutputStore(open: () => Promise<OutputStore>): OutputStore {
  let opened: Promise<OutputStore> | undefined;
  const patient = async <T>(work: (store: OutputStore) => Promise<T>): Promise<T> => {
    try {
      return await work(await (opened ??= open()));
    } catch (error) {
      opened = undefined;
      throw new StreamsUnavailable(`outputs wait for the object store of NATS: ${errorText(error)}`, { cause: error });
    }
  };
  return {
    put: async (name, json) => await patient(async (store) => await store.put(name, json)),
    get: async (name) => await patient(async (store) => await store.get(name)),
  };
}
