import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { type JsonObject, problem, SlipwayError } from "@slipway/dag";
import { usageError } from "./failure.ts";
import { readParams } from "./params.ts";
import type { World } from "./world.ts";

/** A DAG file's text, and the name a person gave it, for messages. */
export interface DagFile {
  readonly name: string;
  readonly text: string;
}

/** Over this nothing is read: the reader refuses above 1 MB and says so. */
const MAX_READ_BYTES = 16_000_000;

/** A folder means its dag.yaml. @throws SlipwayError `cannot-read` */
export function readDagText(cwd: string, given: string): DagFile {
  const at = path.resolve(cwd, given);
  const folder = existsSync(at) && statSync(at).isDirectory();
  const [file, name] = folder ? [path.join(at, "dag.yaml"), path.join(given, "dag.yaml")] : [at, given];
  try {
    const { size } = statSync(file);
    if (size > MAX_READ_BYTES) throw usageError(`${name} is ${Math.round(size / 1e6)} MB; a DAG file has at most 1 MB`);
    return { name, text: readFileSync(file, "utf8") };
  } catch (cause) {
    if (cause instanceof SlipwayError) throw cause;
    const why = folder ? `${given} holds no dag.yaml` : `${given} cannot be read`;
    throw new SlipwayError([problem("cannot-read", why, { where: { file: name } })], { cause });
  }
}

/** A DAG that has passed every check, and the params it will run with. */
export interface Runnable {
  readonly document: JsonObject;
  readonly params: JsonObject;
}

export async function loadRunnable(
  world: World,
  given: string,
  flags: { readonly param: readonly string[]; readonly params?: string; readonly dag?: string },
): Promise<Runnable> {
  const { parse } = await import("yaml");
  const document: JsonObject = parse(readDagText(world.cwd, given).text);
  return { document, params: readParams(document["params"], flags, world.cwd) };
}
