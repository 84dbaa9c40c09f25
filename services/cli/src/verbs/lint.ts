import { renderProblem } from "@slipway/dag";
import { lintDagFile } from "@slipway/dag/read";
import type { Call } from "../call.ts";
import { readDagText } from "../dag-files.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { renderProblems } from "../failure.ts";
import { styleFor } from "../style.ts";

/** Says everything that is wrong with each file, on stdout; exit 2 when anything is. No server is asked. */
export async function run({ world, args }: Call): Promise<ExitCode> {
  const style = styleFor(world.env, world.out);
  let refused = 0;
  for (const given of args) {
    const { name, text } = readDagText(world.cwd, given);
    for (const read of lintDagFile(text, name)) {
      if (read.kind === "refused") {
        refused += read.problems.length;
        world.out.write(`${renderProblems(read.problems)}\n\n`);
        continue;
      }
      for (const warning of read.warnings) world.out.write(`${renderProblem(warning, "warning")}\n\n`);
      const tasks = Object.keys(read.value.tasks).length;
      world.out.write(`${style.green("ok")}  ${name}  ${read.value.dag}, ${tasks} task${tasks === 1 ? "" : "s"}\n`);
    }
  }
  if (refused > 0) world.err.write(`${refused} problem${refused === 1 ? "" : "s"}\n`);
  return refused > 0 ? EXIT.usage : EXIT.ok;
}
