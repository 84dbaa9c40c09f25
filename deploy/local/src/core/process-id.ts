import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { z } from "zod";

/**
 * A process, named so that a reused pid is never mistaken for it: the pid and the moment it started.
 * `startTime` is opaque; on Linux it holds the boot id too, so a record never survives a reboot.
 */
export const processId = z.object({ pid: z.int().positive(), startTime: z.string().min(1) });
export type ProcessId = z.infer<typeof processId>;

let bootId: string | undefined;

function linuxStartTime(pid: number): string | undefined {
  try {
    // Field 22 of stat(5); the command name (field 2) may hold spaces and brackets, so count from its last bracket.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, ticks] = [fields[0], fields[19]];
    if (state === undefined || ticks === undefined || "ZX".includes(state)) return undefined;
    bootId ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8);
    return `${bootId}-${ticks}`;
  } catch {
    return undefined; // no such process
  }
}

function psStartTime(pid: number): string | undefined {
  try {
    const text = execFileSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], {
      encoding: "utf8",
      timeout: 5000,
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    return text === "" || text.startsWith("Z") ? undefined : text.replace(/^\S+\s+/, "").replace(/\s+/g, "_");
  } catch {
    return undefined;
  }
}

/** When the process started, or undefined when there is no such process (a zombie is none). */
export function startTimeOf(pid: number): string | undefined {
  return process.platform === "linux" ? linuxStartTime(pid) : psStartTime(pid);
}

/** The identity of a running process, or undefined when it has ended. */
export function identify(pid: number): ProcessId | undefined {
  const startTime = startTimeOf(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

/** This process. */
export function self(): ProcessId {
  return { pid: process.pid, startTime: startTimeOf(process.pid) ?? "unknown" };
}

/** Whether exactly this process still runs. */
export function isAlive(id: ProcessId): boolean {
  return startTimeOf(id.pid) === id.startTime;
}
