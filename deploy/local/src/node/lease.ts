import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { readJson, writeJson } from "../core/json-file.ts";
import { isAlive, processId, type ProcessId } from "../core/process-id.ts";

/**
 * A user of the node: a process, and what it uses the node for. The node runs while one such process does. Leases are
 * read and written under the node's lock.
 */
const lease = processId.extend({ purpose: z.string() });
export type Lease = z.infer<typeof lease> & { readonly file: string };

/** Adds a lease; answers its file, for {@link dropLease}. */
export function addLease(folder: string, holder: ProcessId, purpose: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${randomUUID()}.json`);
  writeJson(file, { pid: holder.pid, startTime: holder.startTime, purpose });
  return file;
}

export function dropLease(file: string): void {
  rmSync(file, { force: true });
}

/** The leases whose process still runs. Those of dead processes are removed on the way. */
export function liveLeases(folder: string): Lease[] {
  if (!existsSync(folder)) return [];
  const live: Lease[] = [];
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".json"))) {
    const file = join(folder, name);
    const found = readJson(file, lease);
    if (found !== undefined && isAlive(found)) live.push({ ...found, file });
    else rmSync(file, { force: true });
  }
  return live;
}
