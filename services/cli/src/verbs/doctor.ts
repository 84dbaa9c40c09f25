import { z } from "zod";
import type { Call } from "../call.ts";
import { renderCheck } from "../check.ts";
import { kubernetesChecks, natsChecks, temporalChecks } from "../checks.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { clusterFlags, connectionFlags, readFlags } from "../flags.ts";
import { loadSettings } from "../session.ts";
import { findStack } from "../stack.ts";
import { styleFor } from "../style.ts";

const Flags = z.object({ ...connectionFlags, ...clusterFlags });

/** One line per check, each with its remedy where something is wrong; exit 1 when runs cannot work. Changes nothing. */
export async function run({ world, flags: given }: Call): Promise<ExitCode> {
  const flags = readFlags(Flags, given);
  const settings = await loadSettings(world, flags);
  const stack = await findStack(world);
  const style = styleFor(world.env, world.out);
  let broken = false;
  for (const group of [
    temporalChecks(settings),
    natsChecks(settings),
    kubernetesChecks(world, flags, stack?.addresses),
  ]) {
    for (const check of await group) {
      broken ||= check.verdict === "fail";
      world.out.write(renderCheck(style, check));
    }
  }
  return broken ? EXIT.failed : EXIT.ok;
}
