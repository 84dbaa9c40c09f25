import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureBuilt } from "../build/build.ts";
import type { ServerName } from "../build/recipes.ts";
import { recipes } from "../build/recipes.ts";
import { aliveRecord } from "../core/daemon.ts";
import { StackError } from "../core/error.ts";
import { withLock } from "../core/lock.ts";
import { type ProcessId, self } from "../core/process-id.ts";
import { asStep, type Progress, type Step } from "../core/progress.ts";
import { runTool } from "../core/tool.ts";
import { ensureImages, imagesBuilt, imageTags, pushImages } from "../images/images.ts";
import { components } from "./components.ts";
import { raiseInotify, refuseForeignKubelet, requireNodeHost } from "./host.ts";
import { addLease, dropLease, liveLeases } from "./lease.ts";
import { addNat } from "./nat.ts";
import { ensurePackages } from "./packages.ts";
import { nodePaths, type NodePaths } from "./paths.ts";
import { type NodeSettings, readSettings, settle } from "./settings.ts";
import { lostAPort, placePrograms, startComponents, writeConfigs } from "./start.ts";
import { stopNode } from "./stop.ts";
import type { Remains } from "./remains.ts";

/** What the node is built from. */
export const nodeServers = ["kubernetes", "etcd", "containerd", "crane", "pause"] as const satisfies readonly ServerName[];

export interface NodeOptions {
  /** Why this user needs the node; others read it. */
  readonly purpose: string;
  readonly log: Progress;
  readonly signal?: AbortSignal | undefined;
}

/** A place on the host's one node, held until `release` or until the holding process ends. */
export interface NodeHandle {
  /** Path of the admin's kubeconfig, mode 0600. */
  readonly kubeconfig: string;
  /** Name of the context in it. */
  readonly context: "slipway-local";
  /** "127.0.0.1:5000": the registry as this host reaches it. Pods name it `slipway.local`. */
  readonly registry: string;
  readonly imageNames: { readonly python: string; readonly debian: string; readonly busybox: string };
  /** The folder with `kubectl`, `ctr` and `crane`. */
  readonly bin: string;
  /** The lease's file, for who holds the node beyond this process. */
  readonly lease: string;
  /** Gives the place back; the node stops with its last user. */
  release(): Promise<void>;
}

const lockLimitMs = 20 * 60_000;

/** Joins the host's node, which this process then holds; starts it when it does not run. */
export async function ensureNode(options: NodeOptions): Promise<NodeHandle> {
  return await joinNode(options, self());
}

/** Joins the node in the name of `holder`. */
export async function joinNode(options: NodeOptions, holder: ProcessId): Promise<NodeHandle> {
  requireNodeHost();
  const paths = nodePaths();
  if (!nodeRuns(paths)) await prepare(options);
  return await asStep(options.log, "start the Kubernetes node", async (step) => {
    return await withNodeLock(paths, options, `joining the node for ${options.purpose}`, step, async () => {
      const held = liveLeases(paths.leases).find((entry) => entry.pid === holder.pid && entry.purpose === options.purpose);
      const lease = held?.file ?? addLease(paths.leases, holder, options.purpose);
      try {
        const settings = nodeRuns(paths) ? running(paths) : await bringUp(paths, options, step);
        return handle(paths, settings, lease, options);
      } catch (error) {
        if (held === undefined) dropLease(lease);
        if (liveLeases(paths.leases).length === 0) await stopNode(paths, step);
        throw error;
      }
    });
  });
}

/** Everything that takes long and can be done outside the lock. */
async function prepare({ log, signal }: NodeOptions): Promise<void> {
  refuseForeignKubelet(ourPids(nodePaths()));
  await ensurePackages(!imagesBuilt(), log, signal);
  await ensureBuilt(nodeServers, { log, signal });
  await ensureImages(log, signal);
}

async function withNodeLock<T>(paths: NodePaths, options: NodeOptions, purpose: string, step: Step, work: () => Promise<T>): Promise<T> {
  const onWait = (owner: { pid: number; purpose: string }): void => step.say(`waiting for process ${owner.pid}: ${owner.purpose}`);
  return await withLock({ folder: paths.lock, purpose, timeoutMs: lockLimitMs, signal: options.signal, onWait }, work);
}

function ourPids(paths: NodePaths): Set<number> {
  const kubelet = aliveRecord(paths.records, "kubelet");
  return new Set(kubelet === undefined ? [] : [kubelet.pid]);
}

/** Whether every process of the node runs. */
export function nodeRuns(paths: NodePaths): boolean {
  const settings = readSettings(paths);
  return settings !== undefined && components(paths, settings).every(({ name }) => aliveRecord(paths.records, name) !== undefined);
}

function running(paths: NodePaths): NodeSettings {
  const settings = readSettings(paths);
  if (settings !== undefined) return settings;
  throw new StackError("StackServerDied", { what: "the node's settings are gone", why: paths.settings, fix: "slipway down, then slipway up" });
}

/** Starts what does not run. When nothing runs, first removes what a killed node left. */
async function bringUp(paths: NodePaths, options: NodeOptions, step: Step, retried = false): Promise<NodeSettings> {
  const old = readSettings(paths);
  const anyRuns = old !== undefined && components(paths, old).some(({ name }) => aliveRecord(paths.records, name) !== undefined);
  refuseForeignKubelet(ourPids(paths));
  mkdirSync(paths.root, { recursive: true, mode: 0o711 });
  if (!anyRuns) await stopNode(paths, step);
  const settings = anyRuns && old !== undefined ? old : await settle(paths, recipes.kubernetes.version);
  const folders = await ensureBuilt(nodeServers, options);
  if (!anyRuns) placePrograms([...folders.values()], paths.bin);
  step.say("writing certificates and configuration");
  await writeConfigs(paths, settings);
  raiseInotify(options.log);
  await addNat(settings.podNet, options.log);
  try {
    const registryRan = aliveRecord(paths.records, "registry") !== undefined;
    const images = startComponents(paths, settings, step, options.signal);
    await images;
    if (!registryRan) await fillRegistry(paths, settings, step, options);
  } catch (error) {
    if (retried || anyRuns || !lostAPort(paths, error)) throw error;
    return await bringUp(paths, options, step, true);
  }
  return settings;
}

/** Pushes the images to the registry, and pulls them into containerd so that a first pod is quick. */
async function fillRegistry(paths: NodePaths, settings: NodeSettings, step: Step, options: NodeOptions): Promise<void> {
  const folder = await ensureImages(options.log, options.signal);
  step.say("filling the registry");
  await pushImages(join(paths.bin, "crane"), registryAddress(settings), folder, options.signal);
  for (const tag of Object.values(imageTags)) {
    step.say(`pulling ${tag}`);
    const args = ["-a", paths.containerdSocket, "-n", "k8s.io", "images", "pull", "--hosts-dir", paths.certsD, `slipway.local/${tag}`];
    await runTool(join(paths.bin, "ctr"), args, { timeoutMs: 120_000, signal: options.signal });
  }
}

const registryAddress = (settings: NodeSettings): string => `127.0.0.1:${settings.ports.registry}`;

function handle(paths: NodePaths, settings: NodeSettings, lease: string, options: NodeOptions): NodeHandle {
  const name = (image: "python" | "debian" | "busybox"): string => `slipway.local/${imageTags[image]}`;
  return {
    kubeconfig: paths.kubeconfig,
    context: "slipway-local",
    registry: registryAddress(settings),
    imageNames: { python: name("python"), debian: name("debian"), busybox: name("busybox") },
    bin: paths.bin,
    lease,
    release: async () => {
      await leaveNode(lease, options.log);
    },
  };
}

export interface LeaveReport {
  /** "stopped": nobody else used it. "kept": it runs on for others. "absent": there is no node. */
  readonly node: "stopped" | "kept" | "absent";
  readonly users: readonly string[];
  readonly remains: Remains | undefined;
}

/** Gives a lease back (if any) and stops the node when no user is left; cleans up after a killed one too. */
export async function leaveNode(lease: string | undefined, log: Progress): Promise<LeaveReport> {
  const paths = nodePaths();
  if (!existsSync(paths.root)) return { node: "absent", users: [], remains: undefined };
  return await asStep(log, "leave the Kubernetes node", async (step) => {
    return await withNodeLock(paths, { purpose: "", log }, "leaving the node", step, async () => {
      if (lease !== undefined) dropLease(lease);
      const users = liveLeases(paths.leases).map((entry) => entry.purpose);
      if (users.length > 0) return { node: "kept" as const, users, remains: undefined };
      return { node: "stopped" as const, users, remains: await stopNode(paths, step) };
    });
  });
}

/** Removes the node's state, if nobody uses it. */
export async function wipeNode(log: Progress): Promise<boolean> {
  const paths = nodePaths();
  if (!existsSync(paths.root)) return true;
  return await asStep(log, "remove the Kubernetes node's state", async (step) => {
    return await withNodeLock(paths, { purpose: "", log }, "removing the node", step, async () => {
      if (liveLeases(paths.leases).length > 0) return false;
      await stopNode(paths, step);
      for (const path of Object.values(paths)) if (path !== paths.root && path !== paths.lock) rmSync(path, { recursive: true, force: true });
      return true;
    });
  });
}

