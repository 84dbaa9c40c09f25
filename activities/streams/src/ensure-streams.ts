import { JetStreamApiCodes, type JetStreamManager, type StreamInfo } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { problem, SlipwayError } from "@slipway/dag";
import { hasCode, isPassing } from "./api-error.ts";
import { backoff } from "./backoff.ts";
import { errorText, type Log } from "./log.ts";
import { refusal } from "./refusal.ts";
import { withRoom } from "./room.ts";
import { type DesiredStream, desiredStream, SETTINGS_KEY, type StreamSettings } from "./stream-settings.ts";

const TRIES = 7;

/** JSStreamNameExistErr: another worker was faster, or an older one made it with other settings. */
const NAME_IN_USE = 10058;

/** Creates or updates the two streams; may be called by every worker at every start. Throws `SlipwayError`. */
export async function ensureStreams(
  nc: NatsConnection,
  jsm: JetStreamManager,
  installation: string,
  settings: StreamSettings,
  log: Log,
): Promise<void> {
  await checkJetStream(nc, jsm);
  for (const family of ["log", "event"] as const) {
    await steadily(() => ensureStream(jsm, desiredStream(installation, family, settings), log));
  }
}

async function checkJetStream(nc: NatsConnection, jsm: JetStreamManager): Promise<void> {
  try {
    // A server without JetStream of its own may reach another's (leaf node), so it is asked, but once.
    await steadily(() => jsm.getAccountInfo(), nc.info?.jetstream === true ? TRIES : 0);
  } catch (error) {
    throw error instanceof SlipwayError ? error : off(errorText(error), error);
  }
}

function off(why: string, cause?: unknown): SlipwayError {
  return new SlipwayError([problem("jetstream-off", `NATS answers, but JetStream does not: ${why}`)], { cause });
}

/** A server that starts, or elects a leader, refuses for a while: about 6 s of tries. */
async function steadily<T>(work: () => Promise<T>, most: number = TRIES): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const refused = refusal(error);
      if (refused !== undefined) throw refused;
      if (tries >= most || !isPassing(error)) throw error;
    }
    await backoff(tries);
  }
}

async function ensureStream(jsm: JetStreamManager, desired: DesiredStream, log: Log): Promise<void> {
  const found = await streamInfo(jsm, desired.name);
  if (found === undefined) {
    const made = await withRoom(desired.name, desired.max_bytes, log, (max_bytes) =>
      addOrFind(jsm, { ...desired, max_bytes }),
    );
    if (sameSettings(made, desired)) return;
  } else if (sameSettings(found, desired)) return;
  const { storage: _storage, retention: _retention, ...config } = desired;
  await withRoom(desired.name, desired.max_bytes, log, (max_bytes) =>
    jsm.streams.update(desired.name, { ...config, max_bytes }),
  );
  log.info({ stream: desired.name }, "stream updated to this worker's settings");
}

function sameSettings(info: StreamInfo, desired: DesiredStream): boolean {
  return info.config.metadata?.[SETTINGS_KEY] === desired.metadata[SETTINGS_KEY];
}

async function addOrFind(jsm: JetStreamManager, config: DesiredStream): Promise<StreamInfo> {
  try {
    return await jsm.streams.add(config);
  } catch (error) {
    if (hasCode(error, NAME_IN_USE)) return jsm.streams.info(config.name);
    throw error;
  }
}

async function streamInfo(jsm: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await jsm.streams.info(name);
  } catch (error) {
    if (hasCode(error, JetStreamApiCodes.StreamNotFound)) return undefined;
    throw error;
  }
}
