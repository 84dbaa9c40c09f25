import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { aliveRecord, stopRecorded } from "../core/daemon.ts";
import { signalQuietly } from "../core/ending.ts";
import type { Step } from "../core/progress.ts";
import { holdsWithin } from "../core/wait.ts";
import type { NodePaths } from "./paths.ts";
import { readSettings } from "./settings.ts";
import { type Remains, removeRemains } from "./remains.ts";

/** First what makes work, then what does it, last what remembers it. */
const stopOrder = [
  "kubelet",
  "kube-scheduler",
  "kube-controller-manager",
  "containerd",
  "registry",
  "kube-apiserver",
  "etcd",
];
const podGraceMs = 5000;

/** Stops every process of the node and removes what it leaves. Also right when all of them were killed before. */
export async function stopNode(paths: NodePaths, step: Step): Promise<Remains> {
  for (const name of stopOrder) {
    if (name === "containerd") await stopContainers(paths, step);
    step.say(`stopping ${name}`);
    await stopRecorded(paths.records, name, 10_000);
  }
  step.say("removing mounts, links and cgroups");
  return await removeRemains(paths, readSettings(paths)?.podNet);
}

/** Asks the first process of every container to end, and gives it a moment; the rest is killed later. */
async function stopContainers(paths: NodePaths, step: Step): Promise<void> {
  if (aliveRecord(paths.records, "containerd") === undefined) return; // nobody is left to note how they end
  const first = firstProcesses(paths);
  if (first.length === 0) return;
  step.say(`stopping ${first.length} containers`);
  for (const pid of first) signalQuietly(pid, "SIGTERM");
  await holdsWithin("containers to end", podGraceMs, () => firstProcesses(paths).length === 0);
}

/** Pids as containerd's bundles note them, checked against the container id in the process's cgroup. */
function firstProcesses(paths: NodePaths): number[] {
  if (!existsSync(paths.bundles)) return [];
  const found: number[] = [];
  for (const id of readdirSync(paths.bundles)) {
    try {
      const pid = Number(readFileSync(join(paths.bundles, id, "init.pid"), "utf8"));
      if (readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(id)) found.push(pid);
    } catch {
      // it has ended, or was never started
    }
  }
  return found;
}
