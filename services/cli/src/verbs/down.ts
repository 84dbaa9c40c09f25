import { createProgress, down } from "@slipway/local";
import { z } from "zod";
import type { Call } from "../call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { readFlags } from "../flags.ts";
import { stackRoot } from "../stack.ts";

const Flags = z.object({ wipe: z.boolean().default(false) });

/** Stops what `up` started here; the state stays unless `--wipe`. Twice is fine. */
export async function run({ world, flags }: Call): Promise<ExitCode> {
  const { wipe } = readFlags(Flags, flags);
  const { stopped, wiped } = await down({ root: stackRoot(world), wipe, log: createProgress(world.err) });
  const what = stopped.length === 0 ? "nothing ran" : `stopped ${stopped.join(", ")}`;
  world.err.write(
    `${what}${wiped.checkout ? "; the state is removed" : wipe ? "" : "; the state is kept (--wipe removes it)"}\n`,
  );
  return EXIT.ok;
}
