import { z } from "zod";
import type { Call } from "../call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { clusterFlags, connectionFlags, readFlags, wholeNumber } from "../flags.ts";
import { resolveKubernetes } from "../kubernetes.ts";
import { loadSettings } from "../session.ts";
import { findStack } from "../stack.ts";
import { usageError } from "../failure.ts";
import { requireNats } from "../settings.ts";

/** One full frame must fit many times over. */
const SMALLEST_LOG = 1024 * 1024;
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
  const logBytes = logBytesOf(world.env["SLIPWAY_LOG_BYTES"]);
  const { runWorker } = await import("@slipway/worker");
  await runWorker({
    installation,
    cluster,
    temporal: { ...temporal, namespace: temporal.namespace ?? "default" },
    nats: { servers: requireNats(settings) },
    kubernetes,
    namespace,
    ...(maxPods === undefined ? {} : { maxPods }),
    ...(logBytes === undefined ? {} : { logBytes }),
    ...(logLevel === undefined ? {} : { logLevel }),
  });
  return EXIT.ok;
}

function logBytesOf(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const bytes = Number(text);
  if (Number.isSafeInteger(bytes) && bytes >= SMALLEST_LOG) return bytes;
  throw usageError(
    `SLIPWAY_LOG_BYTES is ${JSON.stringify(text)}; it takes a number of bytes, at least ${SMALLEST_LOG}`,
  );
}
