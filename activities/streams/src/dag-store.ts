import { JetStreamApiCodes } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/nats-core";
import { installationNames } from "@slipway/dag";
import { hasCode } from "./api-error.ts";
import type { Log } from "./log.ts";
import { withRoom } from "./room.ts";

/** DAG versions by content: key = sha256 (64 hex digits) of the canonical JSON. Whoever puts the same again changes nothing. */
export interface DagStore {
  /** `json` is at most the server's max_payload (1 MiB by default) less its headers; a larger one rejects. */
  put(hash: string, json: string): Promise<void>;
  /** undefined: not there. */
  get(hash: string): Promise<string | undefined>;
}

const CALL_MS = 5_000;
const HASH = /^[0-9a-f]{64}$/;

/** Opens the bucket, and makes it where it is missing. Each call fails after 5 s without an answer. */
export async function dagStore(
  nc: NatsConnection,
  installation: string,
  { bytes, replicas }: { readonly bytes: number; readonly replicas: number },
  log: Log,
): Promise<DagStore> {
  const name = installationNames(installation).dagBucket;
  const bucket = await withRoom(name, bytes, log, (room) => openBucket(nc, name, room, replicas));
  return {
    async put(hash, json) {
      try {
        await bucket.create(checked(hash), json);
      } catch (error) {
        if (!hasCode(error, JetStreamApiCodes.StreamWrongLastSequence)) throw error;
      }
    },
    async get(hash) {
      const entry = await bucket.get(checked(hash));
      return entry === null || entry.operation !== "PUT" ? undefined : entry.string();
    },
  };
}

async function openBucket(nc: NatsConnection, name: string, bytes: number, replicas: number): Promise<KV> {
  const buckets = new Kvm(nc);
  const options = { timeout: CALL_MS, history: 1, compression: true, replicas, max_bytes: bytes };
  return buckets.create(name, { ...options, description: "Slipway: DAG versions by content" });
}

function checked(hash: string): string {
  if (!HASH.test(hash)) throw new RangeError("a DAG version is 64 hex digits");
  return hash;
}
