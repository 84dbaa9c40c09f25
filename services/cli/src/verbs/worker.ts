import { flushCompileCache } from "node:module";
import { z } from "zod";
import type { Call } from "../call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { clusterFlags, connectionFlags, readFlags, wholeNumber } from "../flags.ts";
import { resolveKubernetes } from "../kubernetes.ts";
import { loadSettings } from "../session.ts";
import { findStack } from "../stack.ts";
import { requireNats } from "../settings.ts";
import { workerEnv } from "../worker-env.ts";

const Flags = z.object({ ...connectionFlags, ...clusterFlags, maxPods: wholeNumber(1).exactOptional() });

/** Serves the task queues until SIGTERM or SIGINT, then hands over what it watches. */
export async function run({ world, flags: given }: Call): Promise<ExitCode> {
  const flags = readFlags(Flags, given);
  const settings = await loadSettings(world, flags);
  const stack = await findStack(world);
  const kubernetes = resolveKubernetes(flags, world.env, stack?.addresses);
  const { installation, cluster, temporal } = settings;
  const { maxPods, namespace = world.env["SLIPWAY_NAMESPACE"] ?? "default" } = flags;
  const own = workerEnv(world.env);
  const { runWorker } = await import("@slipway/worker");
  // Else only at the end, which a worker that is killed does not come to.
  flushCompileCache();
  await runWorker({
    installation,
    cluster,
    temporal: { ...temporal, namespace: temporal.namespace ?? "default" },
    nats: requireNats(settings),
    kubernetes,
    namespace,
    ...(maxPods === undefined ? {} : { maxPods }),
    ...own,
    run: { ...own.run, ...(settings.ui && { ui: settings.ui }) },
  });
  return EXIT.ok;
}
