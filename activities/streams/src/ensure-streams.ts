import { JetStreamApiCodes, JetStreamApiError, type JetStreamManager, type StreamInfo } from "@nats-io/jetstream";
import { problem, SlipwayError } from "@slipway/dag";
import { errorText, type Log } from "./log.ts";
import { type DesiredStream, desiredStream, SETTINGS_KEY, type StreamSettings } from "./stream-settings.ts";

/** Below this a stream is of no use, and the server's refusal is the better answer. */
const LEAST_BYTES = 16 * 1024 * 1024;

/** JSStreamNameExistErr: another worker was faster, or an older one made it with other settings. */
const NAME_IN_USE = 10058;
/** JSAccountResourcesExceededErr, JSStorageResourcesExceededErr, JSStreamMaxStreamBytesExceeded. */
const NO_ROOM: readonly number[] = [10002, 10047, 10122];

/** Creates or updates the two streams; may be called by every worker at every start. Throws `SlipwayError`. */
export async function ensureStreams(
  jsm: JetStreamManager,
  installation: string,
  settings: StreamSettings,
  log: Log,
): Promise<void> {
  await checkJetStream(jsm);
  for (const family of ["log", "event"] as const) {
    await ensureStream(jsm, desiredStream(installation, family, settings), log);
  }
}

async function checkJetStream(jsm: JetStreamManager): Promise<void> {
  try {
    await jsm.getAccountInfo();
  } catch (error) {
    throw new SlipwayError([problem("jetstream-off", `NATS answers, but JetStream does not: ${errorText(error)}`)], {
      cause: error,
    });
  }
}

async function ensureStream(jsm: JetStreamManager, desired: DesiredStream, log: Log): Promise<void> {
  const found = await streamInfo(jsm, desired.name);
  if (found === undefined) {
    const made = await shrinking(desired, log, (config) => addOrFind(jsm, config));
    if (sameSettings(made, desired)) return;
  } else if (sameSettings(found, desired)) return;
  await shrinking(desired, log, ({ storage: _storage, retention: _retention, ...config }) =>
    jsm.streams.update(desired.name, config),
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
    if (hasCode(error, [NAME_IN_USE])) return jsm.streams.info(config.name);
    throw error;
  }
}

async function streamInfo(jsm: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await jsm.streams.info(name);
  } catch (error) {
    if (hasCode(error, [JetStreamApiCodes.StreamNotFound])) return undefined;
    throw error;
  }
}

/** Asks for less where the server has not the room: a small laptop runs with what it has, and says so. */
async function shrinking<T>(desired: DesiredStream, log: Log, work: (config: DesiredStream) => Promise<T>): Promise<T> {
  for (let bytes = desired.max_bytes; ; bytes = Math.floor(bytes / 2)) {
    try {
      const done = await work({ ...desired, max_bytes: bytes });
      if (bytes < desired.max_bytes) {
        log.warn({ stream: desired.name, asked: desired.max_bytes, bytes }, "less room in JetStream than asked for");
      }
      return done;
    } catch (error) {
      if (!hasCode(error, NO_ROOM) || bytes / 2 < LEAST_BYTES) throw error;
    }
  }
}

function hasCode(error: unknown, codes: readonly number[]): boolean {
  return error instanceof JetStreamApiError && codes.includes(error.code);
}
