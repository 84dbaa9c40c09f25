import type { Call } from "../call.ts";
import { type Check, renderChecks } from "../check.ts";
import { checkKubernetes, checkNats, checkTemporal } from "../checks.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { clusterFlags, connectionFlags, readFlags } from "../flags.ts";
import { loadSettings } from "../session.ts";
import { styleFor } from "../style.ts";
import { z } from "zod";

const Flags = z.object({ ...connectionFlags, ...clusterFlags });

/** One line per check, each with what to do where it failed; exit 1 when one did. */
export async function run({ world, flags: given }: Call): Promise<ExitCode> {
  const flags = readFlags(Flags, given);
  const settings = await loadSettings(world, flags);
  const checks: Check[] = [];
  const style = styleFor(world.env, world.out);
  for (const group of [checkTemporal(settings), checkNats(settings), checkKubernetes(world, flags)]) {
    for (const check of await group) {
      checks.push(check);
      world.out.write(renderChecks(style, [check]));
    }
  }
  return checks.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed;
}
