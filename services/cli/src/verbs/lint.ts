import { writeFileSync } from "node:fs";
import { countTasks, lintDagFile, mendDagFile } from "@slipway/dag/read";
import { z } from "zod";
import type { Call } from "../call.ts";
import { type DagFile, readDagText } from "../dag-files.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { readFlags } from "../flags.ts";
import { LINT_FORMATS, type Linted, lintView, mendedView } from "../lint-view.ts";
import { styleFor } from "../style.ts";
import type { World } from "../world.ts";

const Flags = z.object({ output: z.enum(LINT_FORMATS), fix: z.boolean().default(false) });

/** Says everything that is wrong with each file, on stdout; exit 2 when anything is. No server is asked. */
export async function run({ world, args, flags }: Call): Promise<ExitCode> {
  const { output, fix } = readFlags(Flags, flags);
  const linted = args.flatMap((given) => {
    const { name, text, file } = readDagText(world.cwd, given);
    return lint(fix ? mend(world, { name, text, file }) : text, name);
  });
  world.out.write(lintView(linted, output, styleFor(world.env, world.out)));
  const refused = linted.flatMap(({ errors }) => errors).length;
  if (refused > 0) world.err.write(`${refused} problem${refused === 1 ? "" : "s"}\n`);
  return refused > 0 ? EXIT.usage : EXIT.ok;
}

/** Writes the file where something was mended, and says what, on stderr. */
function mend({ err }: World, { name, text, file }: DagFile): string {
  const { text: after, mended } = mendDagFile(text);
  if (mended.length > 0) writeFileSync(file, after);
  err.write(mendedView(name, mended));
  return after;
}

function lint(text: string, file: string): readonly Linted[] {
  return lintDagFile(text, file).map((read): Linted => {
    if (read.kind === "refused") return { file, errors: read.problems, warnings: [] };
    const dag = { name: read.value.dag, tasks: countTasks(read.value) };
    return { file, dag, errors: [], warnings: read.warnings };
  });
}
