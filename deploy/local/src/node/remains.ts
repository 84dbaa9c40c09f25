import { existsSync, readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { signalQuietly } from "../core/daemon.ts";
import { StackError } from "../core/error.ts";
import { readJson } from "../core/json-file.ts";
import { tryTool } from "../core/tool.ts";
import { waitFor } from "../core/wait.ts";
import { cniNetwork } from "./configs.ts";
import { foreignKubelet, processes } from "./host.ts";
import { linksIn } from "./links.ts";
import { mountsBelow } from "./mounts.ts";
import { removeNat } from "./nat.ts";
import type { NodePaths } from "./paths.ts";

/** What was found and removed; empty lists when there was nothing. */
export interface Remains {
  readonly shims: number;
  readonly processes: number;
  readonly mounts: number;
  readonly links: number;
  readonly cgroups: number;
}

/**
 * Removes everything of this node that outlives its servers, whether they were stopped or killed: shims, the pods'
 * processes, mounts, links, addresses, rules, cgroups. To be called when none of the node's servers runs. Touches
 * nothing that it cannot recognise as this node's: by containerd's socket, container id, path or address.
 */
export async function removeRemains(paths: NodePaths, podNet: string | undefined): Promise<Remains> {
  const ids = existsSync(paths.bundles) ? readdirSync(paths.bundles) : [];
  const shims = shimsOf(paths.containerdSocket);
  for (const pid of shims) signalQuietly(pid, "SIGKILL");
  const killed = await killContainers(ids);
  const mounts = await unmountAll(paths.root);
  const links = podNet === undefined ? 0 : await removeLinks(podNet);
  if (podNet !== undefined) await removeNat(podNet);
  removeFiles(paths, ids);
  const cgroups = foreignKubelet(new Set()) === undefined ? await removeCgroups() : 0;
  return { shims: shims.length, processes: killed, mounts, links, cgroups };
}

/** The shims that serve the containerd at `socket`, and no other's. */
export function shimsOf(socket: string, seen = processes()): number[] {
  return seen
    .filter(({ args }) => basename(args[0] ?? "") === "containerd-shim-runc-v2" && args[args.indexOf("-address") + 1] === socket)
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

async function killContainers(ids: readonly string[]): Promise<number> {
  const first = containerProcesses(ids);
  await untilTrue("the pods' processes to end", 20_000, () => {
    const left = containerProcesses(ids);
    for (const pid of left) signalQuietly(pid, "SIGKILL");
    return left.length === 0;
  });
  return first.length;
}

async function unmountAll(root: string): Promise<number> {
  const before = mountsBelow(root).length;
  for (let round = 0; round < 5; round++) {
    const left = mountsBelow(root);
    if (left.length === 0) break;
    for (let i = 0; i < left.length; i += 100) await tryTool("umount", ["-l", ...left.slice(i, i + 100)], { timeoutMs: 30_000 });
  }
  return before - mountsBelow(root).length;
}

/** A veth pair goes with its network namespace; one that does not is recognised by the pod network's address. */
async function removeLinks(podNet: string): Promise<number> {
  const before = linksIn(podNet);
  if (before.length > 0) {
    const vanish = (): boolean => linksIn(podNet).length === 0;
    if (!(await untilTrue("the pods' links to go", 3000, vanish))) {
      for (const link of linksIn(podNet)) await tryTool("ip", ["link", "delete", link], { timeoutMs: 10_000 });
    }
  }
  return before.length;
}

function removeFiles(paths: NodePaths, ids: readonly string[]): void {
  for (const id of ids) {
    const shim = readJson(join(paths.bundles, id, "bootstrap.json"), z.object({ address: z.string() }));
    if (shim !== undefined) rmSync(shim.address.replace(/^unix:\/\//, ""), { force: true });
  }
  for (const path of [paths.containerdState, paths.runc, paths.ipam, paths.containerdSocket, `${paths.containerdSocket}.ttrpc`]) {
    rmSync(path, { recursive: true, force: true });
  }
  const ours = (name: string): boolean => name.startsWith(`${cniNetwork}-`) || ids.some((id) => name.includes(id));
  removeWhere("/var/lib/cni/results", ours);
  removeWhere("/var/log/containers", (name) => pointsInto(join("/var/log/containers", name), paths.podLogs));
}

function removeWhere(folder: string, unwanted: (name: string) => boolean): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) if (unwanted(name)) rmSync(join(folder, name), { force: true });
}

function pointsInto(link: string, folder: string): boolean {
  try {
    return readlinkSync(link).startsWith(`${folder}/`);
  } catch {
    return false;
  }
}

/** The kubelet's cgroup `kubepods`, under every controller of cgroup v1 or in the one tree of v2. */
export function kubepods(root = "/sys/fs/cgroup"): string[] {
  if (!existsSync(root)) return [];
  const trees = [root, ...readdirSync(root).map((name) => join(root, name))];
  return trees.map((tree) => join(tree, "kubepods")).filter((path) => existsSync(path));
}

async function removeCgroups(): Promise<number> {
  let removed = 0;
  const removeTree = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) removeTree(join(folder, entry.name));
    try {
      rmdirSync(folder);
      removed++;
    } catch {
      // a process of it is still ending: the next round gets it
    }
  };
  await untilTrue("the pods' cgroups to empty", 10_000, () => {
    for (const folder of kubepods()) removeTree(folder);
    return kubepods().length === 0;
  });
  return removed;
}

async function untilTrue(what: string, timeoutMs: number, test: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await waitFor({ what, timeoutMs, probe: async () => ((await test()) ? true : undefined), maxPauseMs: 200 });
  } catch (error) {
    if (error instanceof StackError) return false;
    throw error;
  }
}
