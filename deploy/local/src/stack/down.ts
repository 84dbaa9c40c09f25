import { existsSync, rmSync } from "node:fs";
import { readRecords, stopRecorded } from "../core/daemon.ts";
import { withLock } from "../core/lock.ts";
import { asStep, type Progress } from "../core/progress.ts";
import { isRoot, requireNodeHost } from "../node/host.ts";
import { type LeaveReport, leaveNode, wipeNode } from "../node/node.ts";
import { nodePaths } from "../node/paths.ts";
import { readStack, type StackPaths, stackPaths } from "./info.ts";

export interface DownOptions {
  readonly root: string;
  /** Removes the state too: Temporal's runs, NATS's logs, and the node's when nobody else uses it. */
  readonly wipe?: boolean | undefined;
  readonly log: Progress;
}

export interface DownReport {
  /** Names of the servers that ran and were stopped. */
  readonly stopped: readonly string[];
  readonly node: LeaveReport;
  /** Whether state was removed: this checkout's, the node's. */
  readonly wiped: { readonly checkout: boolean; readonly node: boolean };
}

/** Stops what this checkout started, also when parts of it were killed. Twice is fine. State stays unless `wipe`. */
export async function down(options: DownOptions): Promise<DownReport> {
  const { root, log, wipe = false } = options;
  const paths = stackPaths(root);
  if (!existsSync(paths.root))
    return {
      stopped: [],
      node: await leave(root, log),
      wiped: { checkout: false, node: wipe && (await wipeAll(log)) },
    };
  const report = await withLock({ folder: paths.lock, purpose: "slipway down", timeoutMs: 10 * 60_000 }, async () => {
    const stopped = await asStep(log, "stop the servers of this checkout", async () => await stopServers(paths));
    const node = await leave(root, log);
    rmSync(paths.info, { force: true });
    const wiped = { checkout: wipe, node: wipe && (await wipeAll(log)) };
    return { stopped, node, wiped };
  });
  if (wipe) rmSync(paths.root, { recursive: true, force: true });
  return report;
}

/** Workers first, so that they can still say goodbye; then what they talk to. */
async function stopServers(paths: StackPaths): Promise<string[]> {
  const stopped: string[] = [];
  const newestFirst = readRecords(paths.daemons).sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  const all = [
    ...newestFirst.map(({ name }) => ({ folder: paths.daemons, name, graceMs: 20_000 })),
    { folder: paths.temporalUi, name: "temporal-ui-server", graceMs: 3000 },
    { folder: paths.temporal, name: "temporal-server", graceMs: 5000 },
    { folder: paths.temporal, name: "temporal-cli", graceMs: 5000 },
    { folder: paths.nats, name: "nats-server", graceMs: 10_000 },
    { folder: paths.holder, name: "node-lease", graceMs: 1000 },
  ];
  for (const { folder, name, graceMs } of all) {
    if ((await stopRecorded(folder, name, graceMs)) !== "gone") stopped.push(name);
  }
  return stopped;
}

/** The lease ended with its holder. A checkout that never used the node needs no root for this. */
async function leave(root: string, log: Progress): Promise<LeaveReport> {
  if (!existsSync(nodePaths().root)) return { node: "absent", users: [], remains: undefined };
  if (!isRoot()) {
    if (readStack(root)?.kubernetes.origin === "local") requireNodeHost();
    return { node: "absent", users: [], remains: undefined };
  }
  return await leaveNode(undefined, log);
}

async function wipeAll(log: Progress): Promise<boolean> {
  return isRoot() && (await wipeNode(log));
}
