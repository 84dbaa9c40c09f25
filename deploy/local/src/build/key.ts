import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Recipe, type ServerName, recipes } from "./recipes.ts";

/** Compiler flags that every server shares. No cgo: no C compiler is needed, and the programs are static. */
export const buildFlags: readonly string[] = ["-trimpath", "-mod=readonly", "-v"];

/** The folder that holds one server's go.mod, go.sum and own sources. */
export function sourceFolder(name: ServerName): string {
  return join(dirname(fileURLToPath(import.meta.url)), "..", "..", "servers", name);
}

export function linkerFlags(recipe: Recipe): string {
  return ["-s -w", ...(recipe.stamp ?? []).map((setting) => `-X ${setting}`)].join(" ");
}

/** What decides the content of a build, as (name, content) pairs. */
export function ingredients(name: ServerName, folder: string = sourceFolder(name)): ReadonlyMap<string, string> {
  const recipe: Recipe = recipes[name];
  const found = new Map<string, string>();
  for (const file of existsSync(folder) ? readdirSync(folder).sort() : []) {
    if (/\.(go|mod|sum)$/.test(file)) found.set(file, readFileSync(join(folder, file), "utf8"));
  }
  found.set("programs", JSON.stringify(recipe.programs));
  found.set("flags", JSON.stringify([...buildFlags, linkerFlags(recipe), "CGO_ENABLED=0"]));
  found.set("platform", `${process.platform}/${process.arch}`);
  return found;
}

/** "kubernetes-1.36.3-1f0c2d…": the cache folder of a build; other ingredients give another folder. */
export function buildKey(name: ServerName, version: string, parts: ReadonlyMap<string, string>): string {
  const hash = createHash("sha256");
  for (const [part, content] of [...parts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${part}\0${content.length}\0${content}\0`);
  }
  return `${name}-${version}-${hash.digest("hex").slice(0, 12)}`;
}
