import { statfsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { StackError } from "../core/error.ts";

/** The per-user cache: `SLIPWAY_CACHE`, else `$XDG_CACHE_HOME/slipway`, else `~/.cache/slipway`. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment["SLIPWAY_CACHE"];
  if (own !== undefined && own !== "") return resolve(own);
  const xdg = environment["XDG_CACHE_HOME"];
  return xdg !== undefined && xdg !== "" ? join(resolve(xdg), "slipway") : join(homedir(), ".cache", "slipway");
}

/** Free space for this user at `folder`, in MB. The folder is made. */
export function freeMb(folder: string): number {
  mkdirSync(folder, { recursive: true });
  const { bavail, bsize } = statfsSync(folder);
  return Math.floor((bavail * bsize) / 1e6);
}

/** Stops when `folder`'s disk has less than `needMb`: nothing is started that could not be finished. */
export function requireDisk(folder: string, needMb: number, what: string): void {
  const have = freeMb(folder);
  if (have >= needMb) return;
  throw new StackError("StackNoDisk", {
    what: `not enough disk for ${what}`,
    why: `it may need up to ${needMb} MB, and ${folder} has ${have} MB free`,
    fix: "free some space, or point SLIPWAY_CACHE (and GOCACHE, GOMODCACHE) to a larger disk",
  });
}
