import { existsSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { signalQuietly } from "../core/ending.ts";
import { readJson } from "../core/json-file.ts";
import { tryTool } from "../core/tool.ts";
import { holdsWithin } from "../core/wait.ts";
import { removeCgroups } from "./cgroups.ts";
import { cniNetwork } from "./configs.ts";
import { killContainers, shimsOf } from "./containers.ts";
import { foreignKubelet } from "./host.ts";
import { linksIn } from "./links.ts";
import { mountsBelow } from "./mounts.ts";
import { removeNat } from "./nat.ts";
import type { NodePaths } from "./paths.ts";

/** What was found and removed; zeros when there was nothing. */
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

async function unmountAll(root: string): Promise<number> {
  const before = mountsBelow(root).length;
  for (let round = 0; round < 5; round++) {
    const left = mountsBelow(root);
    if (left.length === 0) break;
    for (let i = 0; i < left.length; i += 100)
      await tryTool("umount", ["-l", ...left.slice(i, i + 100)], { timeoutMs: 30_000 });
  }
  return before - mountsBelow(root).length;
}

/** A veth pair goes with its network namespace; one that does not is recognised by the pod network's address. */
async function removeLinks(podNet: string): Promise<number> {
  const before = linksIn(podNet);
  if (before.length > 0) {
    const vanish = (): boolean => linksIn(podNet).length === 0;
    if (!(await holdsWithin("the pods' links to go", 3000, vanish))) {
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
  for (const path of [
    paths.containerdState,
    paths.runc,
    paths.ipam,
    paths.containerdSocket,
    `${paths.containerdSocket}.ttrpc`,
  ]) {
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
