import { JetStreamApiCodes, type JetStreamManager, type StreamInfo } from "@nats-io/jetstream";
import { problem, SlipwayError } from "@slipway/dag";
import { hasCode } from "./api-error.ts";
import { errorText, type Log } from "./log.ts";
import { withRoom } from "./room.ts";
import { type DesiredStream, desiredStream, SETTINGS_KEY, type StreamSettings } from "./stream-settings.ts";

/** JSStreamNameExistErr: another worker was faster, or an older one made it with other settings. */
const NAME_IN_USE = 10058;

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
