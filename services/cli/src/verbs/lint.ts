import { countTasks, lintDagFile } from "@slipway/dag/read";
import { z } from "zod";
import type { Call } from "../call.ts";
import { readDagText } from "../dag-files.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { readFlags } from "../flags.ts";
import { LINT_FORMATS, type Linted, lintView } from "../lint-view.ts";
import { styleFor } from "../style.ts";

const Flags = z.object({ output: z.enum(LINT_FORMATS) });

/** Says everything that is wrong with each file, on stdout; exit 2 when anything is. No server is asked. */
export async function run({ world, args, flags }: Call): Promise<ExitCode> {
  const { output } = readFlags(Flags, flags);
  const linted = args.flatMap((given) => {
    const { name, text } = readDagText(world.cwd, given);
    return lint(text, name);
  });
  world.out.write(lintView(linted, output, styleFor(world.env, world.out)));
  const refused = linted.flatMap(({ errors }) => errors).length;
  if (refused > 0) world.err.write(`${refused} problem${refused === 1 ? "" : "s"}\n`);
  return refused > 0 ? EXIT.usage : EXIT.ok;
}

function lint(text: string, file: string): readonly Linted[] {
  return lintDagFile(text, file).map((read): Linted => {
    if (read.kind === "refused") return { file, errors: read.problems, warnings: [] };
    const dag = { name: read.value.dag, tasks: countTasks(read.value) };
    return { file, dag, errors: [], warnings: read.warnings };
  });
}
