import { z } from "zod";
import type { Call } from "../call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { connectionFlags, readFlags } from "../flags.ts";
import { commandName, linksOf } from "../links.ts";
import { withClient } from "../session.ts";

const Flags = z.object({ ...connectionFlags, reason: z.string().max(1000).exactOptional() });

/** Asks for the end of a run; `wait` tells when it has come. */
export async function run({ world, args, flags: given }: Call): Promise<ExitCode> {
  const flags = readFlags(Flags, given);
  return await withClient(world, flags, async (client, settings) => {
    const run = await client.resolveRun(args[0] ?? "");
    await client.cancel(run, flags.reason === undefined ? {} : { reason: flags.reason });
    const { describe } = linksOf(settings, run, commandName(world.env));
    world.err.write(`cancel requested for ${run.dag}/${run.run}; its pods are being ended\n  see: ${describe}\n`);
    return EXIT.ok;
  });
}
