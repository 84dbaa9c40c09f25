import { jetstreamManager } from "@nats-io/jetstream";
import { installationNames } from "@slipway/dag";
import { connectNats, type NatsSettings } from "@slipway/streams";

/** What a NATS server says of itself, and of an installation's streams. */
export interface NatsCheck {
  readonly version: string;
  readonly jetstream: boolean;
  /** Absent from the list: not there. */
  readonly streams: readonly { readonly name: string; readonly messages: number; readonly bytes: number }[];
}

const API_MS = 5_000;

/** Asks and changes nothing. @throws SlipwayError `server-unreachable`, `nats-refused` */
export async function checkNats(settings: NatsSettings, installation: string): Promise<NatsCheck> {
  const log = { info: () => {}, warn: () => {} };
  const nc = await connectNats({ ...settings, name: "slipway-doctor", connectMs: API_MS, log });
  try {
    const { version = "?", jetstream = false } = nc.info ?? {};
    if (!jetstream) return { version, jetstream, streams: [] };
    const jsm = await jetstreamManager(nc, { timeout: API_MS, checkAPI: false });
    const { logStream, eventStream } = installationNames(installation);
    const found = await Promise.allSettled([logStream, eventStream].map((name) => jsm.streams.info(name)));
    const streams = found.flatMap((stream) => (stream.status === "fulfilled" ? [stream.value] : []));
    return {
      version,
      jetstream,
      streams: streams.map(({ config, state }) => ({
        name: config.name,
        messages: state.messages,
        bytes: state.bytes,
      })),
    };
  } finally {
    await nc.close();
  }
}
