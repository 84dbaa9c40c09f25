import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import proto from "@temporalio/proto";
import manifest from "../package.json" with { type: "json" };

export const { History } = proto.temporal.api.history.v1;

/** A history as Temporal's protocol has it: what a replay takes. */
export type History = ReturnType<typeof History.fromObject>;

const FOLDER = join(import.meta.dirname, "../histories");
/** `0.1`: of the release that the code is to become. */
export const RELEASE = manifest.version.split(".").slice(0, 2).join(".");

/** Every history that is kept, of this release and of those before: `<release>/<story>.<hop>`, and its file. */
export function kept(): ReadonlyMap<string, string> {
  const files = globSync("*/*.json", { cwd: FOLDER }).toSorted();
  return new Map(files.map((file) => [file.replace(/\.json$/, ""), join(FOLDER, file)]));
}

/** Of this release. */
export function fileOf(story: string, hop: number): string {
  return join(FOLDER, RELEASE, `${story}.${hop}.json`);
}

export function readHistory(file: string): History {
  const json: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (typeof json !== "object" || json === null) throw new Error(`${file} holds no history`);
  return History.fromObject(json);
}

/** Bytes as base64; numbers of 64 bits and enums as text. */
export function jsonOf(history: History): object {
  return History.toObject(history, { longs: String, enums: String, bytes: String });
}
