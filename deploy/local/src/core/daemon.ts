import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { type Ending, stopProcess } from "./ending.ts";
import { StackError, systemCode } from "./error.ts";
import { readJson, writeJson } from "./json-file.ts";
import { identify, isAlive, processId } from "./process-id.ts";

/** A process that outlives the one that started it, as its record in `<folder>/<name>.json` tells. */
export const daemonRecord = processId.extend({ name: z.string(), command: z.string(), startedAt: z.string() });
export type DaemonRecord = z.infer<typeof daemonRecord>;

export interface DaemonSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Folder of the records. */
  readonly records: string;
  readonly logFile: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

export interface Daemon extends DaemonRecord {
  readonly logFile: string;
  /** How it ended, or undefined while it runs. Known only in the process that started it. */
  ended(): string | undefined;
}

const logLimit = 20_000_000;

/** Starts a process in a session of its own, with its output in a file, and records it. */
export async function startDaemonProcess(spec: DaemonSpec): Promise<Daemon> {
  const out = openLog(spec.logFile);
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd ?? "/",
    env: spec.env ?? process.env,
    detached: true,
    stdio: ["ignore", out, out],
  });
  closeSync(out);
  let end: string | undefined;
  child.once("exit", (code, signal) => {
    end = code === null ? `ended by ${signal ?? "a signal"}` : `exit status ${code}`;
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) => reject(notStarted(spec, error)));
  });
  child.unref();
  const id = child.pid === undefined ? undefined : identify(child.pid);
  if (id === undefined) throw serverDied(spec.name, spec.logFile, end ?? "it ended at once");
  const record = {
    ...id,
    name: spec.name,
    command: [spec.command, ...spec.args].join(" "),
    startedAt: new Date().toISOString(),
  };
  writeJson(join(spec.records, `${spec.name}.json`), record);
  return { ...record, logFile: spec.logFile, ended: () => end };
}

/** The error for a server that ended while it was still being waited for. */
export function serverDied(name: string, logFile: string, how: string): StackError {
  const tail = logTail(logFile)
    .map((line) => `\n    ${line}`)
    .join("");
  return new StackError("StackServerDied", {
    what: `${name} did not start`,
    why: `${how}${tail === "" ? "" : `; its log ends with:${tail}`}`,
    fix: `see ${logFile}, mend the cause, and run the same command again`,
  });
}

function notStarted(spec: DaemonSpec, error: Error): StackError {
  return new StackError("StackServerDied", {
    what: `${spec.name} could not be started`,
    why: `${spec.command}: ${systemCode(error) === "ENOENT" ? "no such program" : error.message}`,
    fix: "run the same command again; if it repeats, remove that program's folder from the cache",
  });
}

function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path) && statSync(path).size > logLimit) renameSync(path, `${path}.1`);
  return openSync(path, "a", 0o600);
}

/** The last lines of a log file, shortened; empty when there is none. */
export function logTail(path: string, lines = 8): string[] {
  try {
    const text = readFileSync(path, "utf8").slice(-16_384);
    return text
      .trimEnd()
      .split("\n")
      .slice(-lines)
      .map((line) => line.slice(0, 300));
  } catch {
    return [];
  }
}

/** The record of `name`, or undefined. */
export function readRecord(records: string, name: string): DaemonRecord | undefined {
  return readJson(join(records, `${name}.json`), daemonRecord);
}

/** The record of `name` if that very process still runs. */
export function aliveRecord(records: string, name: string): DaemonRecord | undefined {
  const record = readRecord(records, name);
  return record !== undefined && isAlive(record) ? record : undefined;
}

/** Every record in the folder. */
export function readRecords(records: string): DaemonRecord[] {
  if (!existsSync(records)) return [];
  const names = readdirSync(records).filter((file) => file.endsWith(".json"));
  return names.map((file) => readRecord(records, basename(file, ".json"))).filter((record) => record !== undefined);
}

/** Stops a recorded process and forgets it. */
export async function stopRecorded(records: string, name: string, graceMs?: number): Promise<Ending> {
  const record = readRecord(records, name);
  const outcome = record === undefined ? "gone" : await stopProcess(record, graceMs);
  rmSync(join(records, `${name}.json`), { force: true });
  return outcome;
}
