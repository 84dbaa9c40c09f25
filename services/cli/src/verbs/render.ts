import { z } from "zod";
import type { Call } from "../call.ts";
import { loadRunnable } from "../dag-files.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { paramFlags, readFlags } from "../flags.ts";
import { renderManifests } from "../manifest-view.ts";

const Flags = z.object({
  ...paramFlags,
  dag: z.string().exactOptional(),
  namespace: z.string().exactOptional(),
  installation: z.string().exactOptional(),
});

/** Prints the pod of each task as it would be created, one YAML document each. No server is asked. */
export async function run({ world, args, flags: given }: Call): Promise<ExitCode> {
  const flags = readFlags(Flags, given);
  const { compiled } = loadRunnable(world, args[0] ?? "", flags);
  const installation = flags.installation ?? world.env["SLIPWAY_INSTALLATION"] ?? "slipway";
  const namespace = flags.namespace ?? world.env["SLIPWAY_NAMESPACE"] ?? "default";
  world.out.write(renderManifests(compiled, { installation, namespace }));
  return EXIT.ok;
}
