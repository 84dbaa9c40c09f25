import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { systemCode } from "./error.ts";

/** Reads a file that we wrote. Missing, cut short or of another shape: undefined, the caller begins afresh. */
export function readJson<T>(path: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    if (systemCode(error) === "ENOENT" || error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

/** Writes a file whole or not at all. */
export function writeFileWhole(path: string, content: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, content, { mode });
  renameSync(temporary, path);
}

export function writeJson(path: string, value: unknown, mode = 0o644): void {
  writeFileWhole(path, `${JSON.stringify(value, undefined, 2)}\n`, mode);
}
