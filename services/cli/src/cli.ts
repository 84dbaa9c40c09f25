import { CommanderError } from "commander";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { reportFailure } from "./failure.ts";
import { parseError } from "./parse-error.ts";
import { buildProgram } from "./program.ts";
import type { World } from "./world.ts";

/** Runs one command line and gives its exit code; every failure has been said on stderr. Never rejects. */
export async function runCli(argv: readonly string[], world: World): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const done = (exit: ExitCode): void => {
    code = exit;
  };
  const program = buildProgram(world, done, argv.includes("--"));
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportFailure(error, world);
    // commander throws after every help, too: one that was asked for (0), or one in place of a missing command.
    if (error.exitCode === 0) return EXIT.ok;
    return error.code === "commander.help" ? EXIT.usage : reportFailure(parseError(error, program, argv), world);
  }
}
