import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ensureBuilt } from "../build/build.ts";
import { recipes, type ServerName } from "../build/recipes.ts";
import { aliveRecord } from "../core/daemon.ts";
import type { Progress, Step } from "../core/progress.ts";
import { runTool } from "../core/tool.ts";
import { ensureImages, imageTags, pushImages } from "../images/images.ts";
import { components } from "./components.ts";
import { raiseInotify, refuseForeignKubelet } from "./host.ts";
import { addNat } from "./nat.ts";
import type { NodePaths } from "./paths.ts";
import { type NodeSettings, readSettings, settle } from "./settings.ts";
import { lostAPort, placePrograms, startComponents, writeConfigs } from "./start.ts";
import { stopNode } from "./stop.ts";

/** What the node is built from. */
export const nodeServers = [
  "kubernetes",
  "etcd",
  "containerd",
  "crane",
  "pause",
] as const satisfies readonly ServerName[];

export interface BringUpOptions {
  readonly log: Progress;
  readonly signal?: AbortSignal | undefined;
}

/** Our own kubelet, which is no foreign one. */
export function ourPids(paths: NodePaths): Set<number> {
  const kubelet = aliveRecord(paths.records, "kubelet");
  return new Set(kubelet === undefined ? [] : [kubelet.pid]);
}

/** Whether every process of the node runs. */
export function nodeRuns(paths: NodePaths): boolean {
  const settings = readSettings(paths);
  return (
    settings !== undefined &&
    components(paths, settings).every(({ name }) => aliveRecord(paths.records, name) !== undefined)
  );
}

/** Starts what does not run. When nothing runs, first removes what a killed node left. */
export async function bringUp(
  paths: NodePaths,
  options: BringUpOptions,
  step: Step,
  retried = false,
): Promise<NodeSettings> {
  const old = readSettings(paths);
  const anyRuns =
    old !== undefined && components(paths, old).some(({ name }) => aliveRecord(paths.records, name) !== undefined);
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
    await startComponents(paths, settings, step, options.signal);
    if (!registryRan) await fillRegistry(paths, settings, step, options);
  } catch (error) {
    if (retried || anyRuns || !lostAPort(paths, error)) throw error;
    return await bringUp(paths, options, step, true);
  }
  return settings;
}

/** Pushes the images to the registry, and pulls them into containerd so that a first pod is quick. */
async function fillRegistry(
  paths: NodePaths,
  settings: NodeSettings,
  step: Step,
  options: BringUpOptions,
): Promise<void> {
  const folder = await ensureImages(options.log, options.signal);
  step.say("filling the registry");
  await pushImages(join(paths.bin, "crane"), registryAddress(settings), folder, options.signal);
  for (const tag of Object.values(imageTags)) {
    step.say(`pulling ${tag}`);
    const args = [
      "-a",
      paths.containerdSocket,
      "-n",
      "k8s.io",
      "images",
      "pull",
      "--hosts-dir",
      paths.certsD,
      `slipway.local/${tag}`,
    ];
    await runTool(join(paths.bin, "ctr"), args, { timeoutMs: 120_000, signal: options.signal });
  }
}

/** The loopback registry as this host reaches it. */
export const registryAddress = (settings: NodeSettings): string => `127.0.0.1:${settings.ports.registry}`;
