import type { Call } from "../call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";

/** Placeholder: lands with the reader of @slipway/dag. */
export async function run(_: Call): Promise<ExitCode> {
  return EXIT.failed;
}
