import { EXIT, type ExitCode } from "./exit-code.ts";
import { reportFailure } from "./failure.ts";
import { buildProgram } from "./program.ts";
import type { World } from "./world.ts";

/** Runs one command line and gives its exit code; every failure has been said on stderr. Never rejects. */
export async function runCli(argv: readonly string[], world: World): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  try {
    const program = buildProgram(world, (exit) => {
      code = exit;
    });
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    return reportFailure(error, world);
  }
}
