import { join } from "node:path";
import { aliveRecord, startDaemonProcess } from "../core/daemon.ts";
import { stackPaths } from "./info.ts";

export interface DaemonOptions {
  /** Names its log and record: "worker". One process a name. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface StackDaemon {
  readonly name: string;
  readonly pid: number;
  readonly startTime: string;
  readonly logFile: string;
  /** False when it ran already. */
  readonly started: boolean;
}

/**
 * Starts a process that outlives this one, with its output in .slipway/logs/<name>.log; `down` stops it. One that runs
 * under this name already is left alone.
 */
export async function startDaemon(root: string, options: DaemonOptions): Promise<StackDaemon> {
  const running = findDaemon(root, options.name);
  if (running !== undefined) return running;
  const { daemons, logs } = stackPaths(root);
  const daemon = await startDaemonProcess({
    name: options.name,
    command: options.command,
    args: options.args,
    records: daemons,
    logFile: join(logs, `${options.name}.log`),
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
  });
  return { name: daemon.name, pid: daemon.pid, startTime: daemon.startTime, logFile: daemon.logFile, started: true };
}

/** The running daemon of this name, or undefined. */
export function findDaemon(root: string, name: string): StackDaemon | undefined {
  const { daemons, logs } = stackPaths(root);
  const record = aliveRecord(daemons, name);
  if (record === undefined) return undefined;
  return { name, pid: record.pid, startTime: record.startTime, logFile: join(logs, `${name}.log`), started: false };
}
