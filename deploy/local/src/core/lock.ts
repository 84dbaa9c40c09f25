import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { systemCode } from "./error.ts";
import { isAlive, processId, self } from "./process-id.ts";
import { waitFor } from "./wait.ts";

/**
 * A lock between processes, as a folder of numbered files. The highest number is the lock: its owner holds it while the
 * process lives and has not written "released". To take it, link the next number. Numbers only grow, so two processes
 * that find the same dead owner cannot both win, which renaming or deleting one lock file cannot promise.
 */
export interface Lock {
  release(): void;
}

const generation = z.object({ owner: processId, purpose: z.string(), token: z.string(), released: z.boolean() });
type Generation = z.infer<typeof generation>;

const heldHere = new Set<string>();
const fileName = (n: number): string => String(n).padStart(12, "0");

function highest(folder: string): number {
  const numbers = readdirSync(folder).filter((name) => /^\d{12}$/.test(name));
  return Math.max(0, ...numbers.map(Number));
}

function read(folder: string, n: number): Generation | undefined {
  try {
    return generation.parse(JSON.parse(readFileSync(join(folder, fileName(n)), "utf8")));
  } catch (error) {
    if (systemCode(error) === "ENOENT" || error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

/** Who holds the lock now, or undefined. */
export function lockOwner(folder: string): { pid: number; purpose: string } | undefined {
  mkdirSync(folder, { recursive: true });
  const top = read(folder, highest(folder));
  if (top === undefined || top.released || !isAlive(top.owner)) return undefined;
  if (top.owner.pid === process.pid && !heldHere.has(top.token)) return undefined;
  return { pid: top.owner.pid, purpose: top.purpose };
}

function write(folder: string, content: Generation, place: (temporary: string) => void): void {
  const temporary = join(folder, `.${randomUUID()}`);
  writeFileSync(temporary, JSON.stringify(content));
  try {
    place(temporary);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** One try. Undefined when somebody else holds the lock. */
export function tryLock(folder: string, purpose: string): Lock | undefined {
  if (lockOwner(folder) !== undefined) return undefined;
  const mine = highest(folder) + 1;
  const content = { owner: self(), purpose, token: randomUUID(), released: false };
  const path = join(folder, fileName(mine));
  try {
    write(folder, content, (temporary) => linkSync(temporary, path));
  } catch (error) {
    if (systemCode(error) === "EEXIST") return undefined;
    throw error;
  }
  if (highest(folder) !== mine) {
    rmSync(path, { force: true }); // others took, and perhaps released, higher numbers since we looked
    return undefined;
  }
  heldHere.add(content.token);
  for (const name of readdirSync(folder))
    if (/^\d{12}$/.test(name) && Number(name) < mine) rmSync(join(folder, name), { force: true });
  return {
    release() {
      if (!heldHere.delete(content.token)) return;
      write(folder, { ...content, released: true }, (temporary) => renameSync(temporary, path));
    },
  };
}

export interface LockOptions {
  readonly folder: string;
  /** What the holder does, in words: others read it while they wait. */
  readonly purpose: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called once, when somebody else holds the lock. */
  readonly onWait?: (owner: { pid: number; purpose: string }) => void;
}

/** Waits for the lock, runs `work`, gives the lock back. */
export async function withLock<T>(options: LockOptions, work: () => Promise<T>): Promise<T> {
  let told = false;
  const lock = await waitFor({
    what: `the lock of ${options.folder}`,
    timeoutMs: options.timeoutMs,
    signal: options.signal,
    probe: () => {
      const got = tryLock(options.folder, options.purpose);
      const owner = got === undefined && !told ? lockOwner(options.folder) : undefined;
      if (owner !== undefined) {
        told = true;
        options.onWait?.(owner);
      }
      return got;
    },
    explain: () => {
      const owner = lockOwner(options.folder);
      return owner === undefined
        ? "run it again"
        : `process ${owner.pid} holds it (${owner.purpose}): wait for it or end it`;
    },
  });
  try {
    return await work();
  } finally {
    lock.release();
  }
}
