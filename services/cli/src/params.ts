import { readFileSync } from "node:fs";
import path from "node:path";
import { isJsonObject, type Json, type JsonObject, problem, SlipwayError } from "@slipway/dag";
import { parse } from "yaml";
import { z } from "zod";
import { usageError } from "./failure.ts";
import { utf8Text } from "./utf8.ts";

export interface ParamFlags {
  /** `name=value` each. */
  readonly param: readonly string[];
  /** A JSON or YAML file. */
  readonly params?: string;
}

const MAX_BYTES = 1_000_000;

/**
 * The params of a run: the file's, with `-p` over them. `declared` is the DAG's `params`; it says which texts are meant
 * as numbers, booleans, lists or maps. What does not fit is left as text, and the check of the DAG says so.
 */
export function readParams(declared: Json | undefined, given: ParamFlags, cwd: string): JsonObject {
  const fromFile = given.params === undefined ? {} : readParamsFile(path.resolve(cwd, given.params), given.params);
  const fromFlags = given.param.map((text) => {
    const at = text.indexOf("=");
    if (at < 1) throw usageError(`-p ${JSON.stringify(text)} is not name=value`);
    const name = text.slice(0, at);
    return [name, coerce(typeOf(declared, name), text.slice(at + 1))] as const;
  });
  return { ...fromFile, ...Object.fromEntries(fromFlags) };
}

function readParamsFile(file: string, shown: string): JsonObject {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new SlipwayError([problem("cannot-read", `${shown} cannot be read`, { where: { file: shown } })], { cause });
  }
  if (bytes.length > MAX_BYTES) throw usageError(`${shown} is larger than 1 MB`);
  const text = utf8Text(bytes, shown);
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    throw usageError(`${shown} is not YAML or JSON: ${error instanceof Error ? error.message.split("\n", 1)[0] : ""}`);
  }
  const read = z.record(z.string(), z.json()).safeParse(value);
  if (!read.success) throw usageError(`${shown} is not a map of params`, "name: value, one a line");
  return read.data;
}

/** The declared JSON type: of the schema, or of the short form's default. */
function typeOf(declared: Json | undefined, name: string): string | undefined {
  const param = isJsonObject(declared) && Object.hasOwn(declared, name) ? declared[name] : undefined;
  if (isJsonObject(param)) return typeof param["type"] === "string" ? param["type"] : undefined;
  if (Array.isArray(param)) return "array";
  return param === undefined || param === null ? undefined : typeof param;
}

function coerce(type: string | undefined, text: string): Json {
  switch (type) {
    case "integer":
    case "number":
      return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) && Number.isFinite(Number(text))
        ? Number(text)
        : text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "array":
    case "object":
      return readJson(text) ?? text;
    case "null":
      return text === "null" ? null : text;
    default:
      return text;
  }
}

function readJson(text: string): Json | undefined {
  try {
    return z.json().safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
