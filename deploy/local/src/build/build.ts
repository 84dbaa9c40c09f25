import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { withLock } from "../core/lock.ts";
import { asStep, type Progress, type Step } from "../core/progress.ts";
import { runTool } from "../core/tool.ts";
import { cacheFolder, requireDisk } from "./cache.ts";
import { goEnvironment, requireGo } from "./go.ts";
import { buildFlags, buildKey, ingredients, linkerFlags, sourceFolder } from "./key.ts";
import { type Recipe, type ServerName, recipes } from "./recipes.ts";

export interface BuildOptions {
  readonly log: Progress;
  readonly signal?: AbortSignal | undefined;
}

/** A cold build of the largest server took 6 min on two cores; a slow machine gets ten times that. */
const buildLimitMs = 60 * 60_000;

/** The folder with the programs of `name`, whether it was built already or not. */
export function programFolder(name: ServerName): string {
  return join(cacheFolder(), "bin", buildKey(name, recipes[name].version, ingredients(name)));
}

/** Those of `names` that are not in the cache yet. */
export function unbuilt(names: readonly ServerName[]): ServerName[] {
  return names.filter((name) => !existsSync(programFolder(name)));
}

/**
 * Builds what is not in the cache; resolves with each server's folder of programs. Two processes that build the same
 * server share one build. After Ctrl-C nothing half done is in the cache, and Go's own cache makes the next try short.
 */
export async function ensureBuilt<N extends ServerName>(
  names: readonly N[],
  options: BuildOptions,
): Promise<Map<N, string>> {
  const todo = unbuilt(names);
  if (todo.length > 0) {
    const go = await requireGo(options.signal);
    const need = todo.reduce((sum, name) => sum + recipes[name].needMb, 0);
    for (const folder of [cacheFolder(), go.buildCache, go.moduleCache])
      requireDisk(folder, need, `building ${todo.join(", ")}`);
  }
  for (const name of todo) {
    await asStep(
      options.log,
      `build ${name} ${recipes[name].version} from source`,
      async (step) => await buildOne(name, step, options.signal),
    );
  }
  return new Map(names.map((name) => [name, programFolder(name)]));
}

async function buildOne(name: ServerName, step: Step, signal: AbortSignal | undefined): Promise<void> {
  const cache = cacheFolder();
  const target = programFolder(name);
  await withLock(
    {
      folder: join(cache, "locks", `build-${name}`),
      purpose: `building ${name}`,
      timeoutMs: buildLimitMs,
      signal,
      onWait: (owner) => step.say(`process ${owner.pid} builds it already; waiting for that`),
    },
    async () => {
      if (existsSync(target)) return;
      const temporary = join(cache, "tmp", `${name}~${randomUUID()}`);
      mkdirSync(join(cache, "bin"), { recursive: true });
      mkdirSync(temporary, { recursive: true });
      removeStale(join(cache, "tmp"), `${name}~`, temporary); // we hold the lock: any other is of a killed build
      try {
        await compile(name, temporary, step, signal);
        renameSync(temporary, target);
      } finally {
        rmSync(temporary, { recursive: true, force: true });
      }
    },
  );
}

async function compile(name: ServerName, output: string, step: Step, signal: AbortSignal | undefined): Promise<void> {
  const recipe: Recipe = recipes[name];
  const begin = Date.now();
  const programs = Object.entries(recipe.programs);
  const [only] = programs;
  const place = programs.length === 1 && only !== undefined ? join(output, only[0]) : `${output}/`;
  await runTool(
    "go",
    ["build", ...buildFlags, "-ldflags", linkerFlags(recipe), "-o", place, ...programs.map(([, path]) => path)],
    {
      cwd: sourceFolder(name),
      env: goEnvironment(),
      timeoutMs: buildLimitMs,
      signal,
      onLine: (line) => step.say(line),
      fix: "see the lines above: a full disk, or no way to the Go module proxy (GOPROXY), are the usual causes",
    },
  );
  const seconds = Math.round((Date.now() - begin) / 1000);
  writeFileSync(join(output, "build.json"), `${JSON.stringify({ name, version: recipe.version, seconds })}\n`);
}

function removeStale(folder: string, prefix: string, keep: string): void {
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry);
    if (entry.startsWith(prefix) && path !== keep) rmSync(path, { recursive: true, force: true });
  }
}
