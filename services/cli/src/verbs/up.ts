import { createProgress } from "@slipway/local";
import { bringUp } from "../bring-up.ts";
import type { Call } from "../call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { readStackFlags } from "../flags.ts";
import { commandName } from "../links.ts";
import { renderStack } from "../stack-view.ts";
import { styleFor } from "../style.ts";

/** The local servers, or the ones that are given, and a worker; then says what runs where. */
export async function run({ world, flags }: Call): Promise<ExitCode> {
  const stack = await bringUp(world, readStackFlags(flags), createProgress(world.err), world.interruptible());
  world.out.write(renderStack(styleFor(world.env, world.out), stack, commandName(world.env)));
  return EXIT.ok;
}
