import { existsSync, rmSync } from "node:fs";
import { ensureBuilt } from "../build/build.ts";
import { StackError } from "../core/error.ts";
import { withLock } from "../core/lock.ts";
import { type ProcessId, self } from "../core/process-id.ts";
import { asStep, type Progress, type Step } from "../core/progress.ts";
import { ensureImages, imagesBuilt, imageTags } from "../images/images.ts";
import { bringUp, nodeRuns, nodeServers, ourPids, registryAddress } from "./bring-up.ts";
import { refuseForeignKubelet, requireNodeHost } from "./host.ts";
import { addLease, dropLease, liveLeases } from "./lease.ts";
import { ensurePackages } from "./packages.ts";
import { nodePaths, type NodePaths } from "./paths.ts";
import type { Remains } from "./remains.ts";
import { untilUnreserved } from "./reservation.ts";
import { type NodeSettings, readSettings } from "./settings.ts";
import { startComponents } from "./start.ts";
import { stopNode } from "./stop.ts";

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
    await untilUnreserved(paths, step, lockLimitMs, options.signal);
    return await withNodeLock(paths, options, `joining the node for ${options.purpose}`, step, async () => {
      const held = liveLeases(paths.leases).find(
        (entry) => entry.pid === holder.pid && entry.purpose === options.purpose,
      );
      const lease = held?.file ?? addLease(paths.leases, holder, options.purpose);
      try {
        const settings = nodeRuns(paths)
          ? await verify(paths, step, options.signal)
          : await bringUp(paths, options, step);
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

async function withNodeLock<T>(
  paths: NodePaths,
  options: NodeOptions,
  purpose: string,
  step: Step,
  work: () => Promise<T>,
): Promise<T> {
  const onWait = (owner: { pid: number; purpose: string }): void =>
    step.say(`waiting for process ${owner.pid}: ${owner.purpose}`);
  return await withLock({ folder: paths.lock, purpose, timeoutMs: lockLimitMs, signal: options.signal, onWait }, work);
}

/** A node whose processes run is also asked: one may hang, or be dying at this moment. */
async function verify(paths: NodePaths, step: Step, signal: AbortSignal | undefined): Promise<NodeSettings> {
  const settings = readSettings(paths);
  if (settings === undefined) {
    const why = `${paths.settings} cannot be read`;
    throw new StackError("StackServerDied", {
      what: "the node's settings are gone",
      why,
      fix: "slipway down, then slipway up",
    });
  }
  await startComponents(paths, settings, step, signal);
  return settings;
}

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
      for (const path of Object.values(paths))
        if (path !== paths.root && path !== paths.lock && path !== paths.reservation)
          rmSync(path, { recursive: true, force: true });
      return true;
    });
  });
}
