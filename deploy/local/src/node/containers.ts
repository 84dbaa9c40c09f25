import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { signalQuietly } from "../core/ending.ts";
import { holdsWithin } from "../core/wait.ts";
import { processes } from "./host.ts";

/** The shims that serve the containerd at `socket`, and no other's. */
export function shimsOf(socket: string, seen = processes()): number[] {
  return seen
    .filter(
      ({ args }) =>
        basename(args[0] ?? "") === "containerd-shim-runc-v2" && args[args.indexOf("-address") + 1] === socket,
    )
    .map(({ pid }) => pid);
}

/** The processes of these containers, by the cgroup they are in. */
export function containerProcesses(ids: readonly string[]): number[] {
  if (ids.length === 0) return [];
  const wanted = new Set(ids);
  const found: number[] = [];
  for (const { pid } of processes()) {
    try {
      const parts = readFileSync(`/proc/${pid}/cgroup`, "utf8").split(/[/\n]/);
      if (parts.some((part) => wanted.has(part))) found.push(pid);
    } catch {
      // it ended meanwhile
    }
  }
  return found;
}

/** Kills what runs in these containers; answers how many processes there were. */
export async function killContainers(ids: readonly string[]): Promise<number> {
  const first = containerProcesses(ids);
  await holdsWithin("the pods' processes to end", 20_000, () => {
    const left = containerProcesses(ids);
    for (const pid of left) signalQuietly(pid, "SIGKILL");
    return left.length === 0;
  });
  return first.length;
}
