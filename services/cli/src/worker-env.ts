import { defined, isSubjectPattern, parseDuration } from "@slipway/dag";
import type { WorkerSettings } from "@slipway/worker";
import { usageError } from "./failure.ts";
import { poolsFrom } from "./pool-settings.ts";
import { redactionOf } from "./redaction.ts";
import type { World } from "./world.ts";

/** One full frame must fit many times over. */
const SMALLEST_LOG = 1024 * 1024;
/** Smaller files than this would be looked at all the time. */
const SMALLEST_FILE = 64 * 1024;
/** A hop must get further than the starts that it repeats. */
const SHORTEST_HISTORY = 50;
/** A server that is only slow must not look dead. */
const SHORTEST_PATIENCE = "5s";
const LEVELS = ["debug", "info", "warn", "error"] as const;

/**
 * What only the environment says of a worker; what it does not say has its default.
 * @throws SlipwayError `usage` for a value that is none
 */
export function workerEnv(env: World["env"]) {
  return {
    ...defined({
      logLevel: LEVELS.find((level) => level === env["SLIPWAY_LOG_LEVEL"]),
      logBytes: numberFrom(env, "SLIPWAY_LOG_BYTES", "a number of bytes", SMALLEST_LOG),
      outputBytes: numberFrom(env, "SLIPWAY_OUTPUT_BYTES", "a number of bytes", SMALLEST_LOG),
      rotationBytes: numberFrom(env, "SLIPWAY_LOG_ROTATION_BYTES", "a number of bytes", SMALLEST_FILE),
      historyEvents: numberFrom(env, "SLIPWAY_HISTORY_EVENTS", "a number of events", SHORTEST_HISTORY),
      silenceMs: durationFrom(env, "SLIPWAY_KUBERNETES_SILENCE", SHORTEST_PATIENCE),
      patienceMs: durationFrom(env, "SLIPWAY_RELEASE_PATIENCE", SHORTEST_PATIENCE),
      pools: poolsFrom(env["SLIPWAY_POOLS"]),
      poolCheckMs: durationFrom(env, "SLIPWAY_POOL_CHECK"),
      eventSubjects: subjectsFrom(env),
      redact: redactionOf(env["SLIPWAY_REDACT"]),
    }),
    run: defined({ store: storeFrom(env) }),
    reaper: defined({
      everyMs: durationFrom(env, "SLIPWAY_REAPER_EVERY"),
      ageMs: durationFrom(env, "SLIPWAY_REAPER_AGE"),
    }),
  } satisfies Partial<WorkerSettings>;
}

/** It stands in the history of every run, so a password has no place in it. */
function storeFrom(env: World["env"]): string | undefined {
  const text = env["SLIPWAY_STORE"];
  if (text === undefined || text === "") return undefined;
  if (/^[a-z][a-z0-9+.-]*:\/\/[^\s@]+$/i.test(text)) return text.replace(/\/+$/, "");
  throw usageError("SLIPWAY_STORE is not a URI like s3://bucket/prefix, without a login in it");
}

/** Patterns of NATS subjects, with commas. */
function subjectsFrom(env: World["env"]): readonly string[] | undefined {
  const text = env["SLIPWAY_EVENT_SUBJECTS"];
  if (text === undefined || text === "") return undefined;
  const patterns = text.split(",").map((each) => each.trim());
  const wrong = patterns.find((each) => !isSubjectPattern(each));
  if (wrong === undefined) return patterns;
  throw usageError(`SLIPWAY_EVENT_SUBJECTS: ${JSON.stringify(wrong)} is no NATS subject`, "lake.*,orders.>");
}

function numberFrom(env: World["env"], name: string, what: string, least: number): number | undefined {
  const text = env[name];
  if (text === undefined || text === "") return undefined;
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw usageError(`${name} is ${JSON.stringify(text)}; it takes ${what}, at least ${least}`);
}

function durationFrom(env: World["env"], name: string, least?: string): number | undefined {
  const text = env[name];
  if (text === undefined || text === "") return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0 && ms >= (parseDuration(least ?? "0s") ?? 0)) return ms;
  const bound = least === undefined ? "" : `, at least ${least}`;
  throw usageError(`${name} is ${JSON.stringify(text)}; it takes a duration like 90s or 10m${bound}`);
}
