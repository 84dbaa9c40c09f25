import { parseDuration } from "@slipway/dag";
import { z } from "zod";
import type { Call } from "../call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { clusterFlags, connectionFlags, readFlags, wholeNumber } from "../flags.ts";
import { resolveKubernetes } from "../kubernetes.ts";
import { loadSettings } from "../session.ts";
import { redactionOf } from "../redaction.ts";
import { findStack } from "../stack.ts";
import { usageError } from "../failure.ts";
import { requireNats } from "../settings.ts";

/** One full frame must fit many times over. */
const SMALLEST_LOG = 1024 * 1024;
/** Smaller files than this would be looked at all the time. */
const SMALLEST_FILE = 64 * 1024;
/** A hop must get further than the starts that it repeats. */
const SHORTEST_HISTORY = 50;
const LEVELS = ["debug", "info", "warn", "error"] as const;
const Flags = z.object({ ...connectionFlags, ...clusterFlags, maxPods: wholeNumber(1).exactOptional() });

/** Serves both task queues until SIGTERM or SIGINT, then hands over what it watches. */
export async function run({ world, flags: given }: Call): Promise<ExitCode> {
  const flags = readFlags(Flags, given);
  const settings = await loadSettings(world, flags);
  const stack = await findStack(world);
  const kubernetes = resolveKubernetes(flags, world.env, stack?.addresses);
  const { installation, cluster, temporal } = settings;
  const { maxPods, namespace = world.env["SLIPWAY_NAMESPACE"] ?? "default" } = flags;
  const logLevel = LEVELS.find((level) => level === world.env["SLIPWAY_LOG_LEVEL"]);
  const logBytes = numberFrom(world.env, "SLIPWAY_LOG_BYTES", "a number of bytes", SMALLEST_LOG);
  const rotationBytes = numberFrom(world.env, "SLIPWAY_LOG_ROTATION_BYTES", "a number of bytes", SMALLEST_FILE);
  const historyEvents = numberFrom(world.env, "SLIPWAY_HISTORY_EVENTS", "a number of events", SHORTEST_HISTORY);
  const redact = redactionOf(world.env["SLIPWAY_REDACT"]);
  const everyMs = durationFrom(world.env, "SLIPWAY_REAPER_EVERY");
  const ageMs = durationFrom(world.env, "SLIPWAY_REAPER_AGE");
  const store = storeFrom(world.env);
  const { runWorker } = await import("@slipway/worker");
  await runWorker({
    installation,
    cluster,
    temporal: { ...temporal, namespace: temporal.namespace ?? "default" },
    nats: requireNats(settings),
    kubernetes,
    namespace,
    ...(maxPods === undefined ? {} : { maxPods }),
    ...(logBytes === undefined ? {} : { logBytes }),
    ...(rotationBytes === undefined ? {} : { rotationBytes }),
    ...(redact === undefined ? {} : { redact }),
    ...(historyEvents === undefined ? {} : { historyEvents }),
    run: { ...(settings.ui && { ui: settings.ui }), ...(store !== undefined && { store }) },
    reaper: { ...(everyMs === undefined ? {} : { everyMs }), ...(ageMs === undefined ? {} : { ageMs }) },
    ...(logLevel === undefined ? {} : { logLevel }),
  });
  return EXIT.ok;
}

/** It stands in the history of every run, so a password has no place in it. */
function storeFrom(env: Call["world"]["env"]): string | undefined {
  const text = env["SLIPWAY_STORE"];
  if (text === undefined || text === "") return undefined;
  if (/^[a-z][a-z0-9+.-]*:\/\/[^\s@]+$/i.test(text)) return text.replace(/\/+$/, "");
  throw usageError("SLIPWAY_STORE is not a URI like s3://bucket/prefix, without a login in it");
}

function numberFrom(env: Call["world"]["env"], name: string, what: string, least: number): number | undefined {
  const text = env[name];
  if (text === undefined || text === "") return undefined;
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw usageError(`${name} is ${JSON.stringify(text)}; it takes ${what}, at least ${least}`);
}

function durationFrom(env: Call["world"]["env"], name: string): number | undefined {
  const text = env[name];
  if (text === undefined || text === "") return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw usageError(`${name} is ${JSON.stringify(text)}; it takes a duration like 90s or 10m`);
}
