import path from "node:path";
import { canonicalJson, type JsonObject, problem, renderProblem, SlipwayError } from "@slipway/dag";
import { readDagJson } from "@slipway/dag/read";
import { z } from "zod";
import { type BuildSource, evaluate } from "../build/evaluate.ts";
import type { Call } from "../call.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { UsageError, usageError } from "../failure.ts";

const Models = z.array(z.record(z.string(), z.json())).min(1);

/** Prints the JSON model of each DAG that a program builds, checked; it is built twice, and must be the same. */
export async function run({ world, args, dashed }: Call): Promise<ExitCode> {
  const source = sourceOf(world.cwd, args, dashed === true);
  const [first, second] = [await build(source, world.cwd), await build(source, world.cwd)];
  if (canonicalJson([...first]) !== canonicalJson([...second])) {
    throw new SlipwayError([problem("build-differs", `two builds gave two DAGs: ${firstDifference(first, second)}`)]);
  }
  for (const model of first) check(model, world.err);
  world.out.write(first.map((model) => `${JSON.stringify(model, null, 2)}\n`).join("---\n"));
  return EXIT.ok;
}

function sourceOf(cwd: string, args: readonly string[], dashed: boolean): BuildSource {
  const [first, ...rest] = args;
  if (first === undefined)
    throw usageError("nothing to build", "slipway build FILE.ts, or slipway build -- COMMAND ARGS");
  if (dashed) return { kind: "command", command: first, args: rest };
  if (rest.length > 0)
    throw usageError("one file is built at a time", `for a command: slipway build -- ${args.join(" ")}`);
  return { kind: "file", file: path.resolve(cwd, first) };
}

async function build(source: BuildSource, cwd: string): Promise<readonly JsonObject[]> {
  const built = Models.safeParse(await evaluate(source, cwd));
  if (built.success) return built.data;
  throw new SlipwayError([problem("build-failed", "what was built is no DAG: a DAG is a map with `dag` and `tasks`")]);
}

function check(model: JsonObject, err: Call["world"]["err"]): void {
  const read = readDagJson(model);
  if (read.kind === "refused") throw new UsageError(read.problems);
  for (const warning of read.warnings) err.write(`${renderProblem(warning, "warning")}\n`);
}

/** Where the two part, as a piece of each. */
function firstDifference(first: readonly JsonObject[], second: readonly JsonObject[]): string {
  const [a, b] = [canonicalJson([...first]), canonicalJson([...second])];
  let at = 0;
  while (a[at] === b[at]) at += 1;
  const piece = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 30), at + 30));
  return `${piece(a)} and ${piece(b)}`;
}
