import { z } from "zod";
import type { Call } from "../call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { connectionFlags, outputFlags, readFlags } from "../flags.ts";
import { commandName, linksOf } from "../links.ts";
import { withClient } from "../session.ts";
import { whoFlags, whoOf } from "../who.ts";
import { cancelRun, cancelTask } from "./control.ts";

const Flags = z.object({
  ...connectionFlags,
  ...outputFlags,
  ...whoFlags,
  reason: whoFlags.note,
  dryRun: z.literal(true).exactOptional(),
  /** Read where it is used. */
  index: z.string().exactOptional(),
});

/** Asks for the end of a run, or of one task's attempt; `wait` tells when it has come. */
export async function run(call: Call): Promise<ExitCode> {
  const { world, args, flags: given } = call;
  const flags = readFlags(Flags, given);
  const note = flags.note ?? flags.reason;
  if (args[1] !== undefined) return await cancelTask.run({ ...call, flags: { ...flags, ...(note && { note }) } });
  if (flags.dryRun) return await cancelRun.run({ ...call, flags: { ...flags, ...(note && { note }) } });
  return await withClient(world, flags, async (client, settings) => {
    const run = await client.resolveRun(args[0] ?? "");
    const { by } = whoOf(flags, world);
    await client.cancel(run, { ...(note && { reason: note }), ...(by && { by }) });
    const { describe } = linksOf(settings, run, commandName(world.env));
    world.err.write(`cancel requested for ${run.dag}/${run.run}; its pods are being ended\n  see: ${describe}\n`);
    return EXIT.ok;
  });
}
