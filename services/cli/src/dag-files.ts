import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { type CompiledDag, type JsonObject, type Problem, problem, renderProblem, SlipwayError } from "@slipway/dag";
import { compileDag, type DagDocument, type Places, readDagFile } from "@slipway/dag/read";
import { z } from "zod";
import { UsageError, usageError } from "./failure.ts";
import { type ParamFlags, readParams } from "./params.ts";
import { utf8Text } from "./utf8.ts";
import type { World } from "./world.ts";

/** A DAG file's text, and the name a person gave it, for messages. */
export interface DagFile {
  readonly name: string;
  /** Its path. */
  readonly file: string;
  readonly text: string;
}

/** Above this nothing is read into memory; the reader itself refuses above 1 MB, with its own words. */
const MAX_READ_BYTES = 16_000_000;

/** What builds DAGs. */
const PROGRAM = /\.[cm]?[jt]s$/;

/** A folder means its dag.yaml. @throws SlipwayError `cannot-read`, UsageError where it is no text */
export function readDagText(cwd: string, given: string): DagFile {
  const at = path.resolve(cwd, given);
  const folder = existsSync(at) && statSync(at).isDirectory();
  const [file, name] = folder ? [path.join(at, "dag.yaml"), path.join(given, "dag.yaml")] : [at, given];
  if (PROGRAM.test(name))
    throw usageError(`${name} is a program, not a DAG file`, `slipway build ${name} > dag.json, and take that`);
  try {
    const { size } = statSync(file);
    if (size > MAX_READ_BYTES) throw usageError(`${name} is ${Math.round(size / 1e6)} MB; a DAG file has at most 1 MB`);
    return { name, file, text: utf8Text(readFileSync(file), name) };
  } catch (cause) {
    if (cause instanceof SlipwayError) throw cause;
    const why = folder ? `${given} holds no dag.yaml` : `${given} cannot be read`;
    throw new SlipwayError([problem("cannot-read", why, { where: { file: name } })], { cause });
  }
}

/** A DAG that has passed every check, and the params it will run with. */
export interface Runnable {
  /** The DAG as JSON, as it is sent to `runDag`. */
  readonly document: JsonObject;
  readonly params: JsonObject;
  readonly compiled: CompiledDag;
}

/** Reads, chooses, compiles; warnings go to stderr. @throws UsageError with every problem of the DAG */
export function loadRunnable(world: World, given: string, flags: ParamFlags & { readonly dag?: string }): Runnable {
  const { name, text } = readDagText(world.cwd, given);
  const { document, places, warnings } = chooseDag(name, text, flags.dag);
  const params = readParams(document.params, flags, world.cwd);
  const compiled = compileDag(document, params, places);
  if (compiled.kind === "refused") throw new UsageError(compiled.problems);
  warn(world, [...warnings, ...compiled.warnings]);
  return { document: z.record(z.string(), z.json()).parse(document), params, compiled: compiled.value };
}

interface Chosen {
  readonly document: DagDocument;
  readonly places: Places;
  readonly warnings: readonly Problem[];
}

function chooseDag(name: string, text: string, wanted: string | undefined): Chosen {
  const dags = readDagFile(text, name);
  const problems = dags.flatMap(({ read }) => (read.kind === "refused" ? read.problems : []));
  if (problems.length > 0) throw new UsageError(problems);
  const found = dags.flatMap(({ read, places }) =>
    read.kind === "ok" ? [{ document: read.value, places, warnings: read.warnings }] : [],
  );
  const matches = wanted === undefined ? found : found.filter(({ document }) => document.dag === wanted);
  const [chosen] = matches;
  if (chosen !== undefined && matches.length === 1) return chosen;
  const names = found.map(({ document }) => document.dag).join(", ");
  throw wanted === undefined
    ? usageError(`${name} holds several DAGs: ${names}`, "say which one: --dag NAME")
    : usageError(`${name} holds no DAG ${JSON.stringify(wanted)}`, `it holds ${names}`);
}

function warn({ err }: World, warnings: readonly Problem[]): void {
  for (const each of warnings) err.write(`${renderProblem(each, "warning")}\n`);
}
