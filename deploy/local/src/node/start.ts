import { copyFileSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aliveRecord, type Daemon, logTail, serverDied, startDaemonProcess } from "../core/daemon.ts";
import { StackError, stopIfAborted } from "../core/error.ts";
import { writeFileWhole } from "../core/json-file.ts";
import { isAlive } from "../core/process-id.ts";
import type { Step } from "../core/progress.ts";
import { httpGet, waitFor } from "../core/wait.ts";
import { callApi, isNodeReady } from "./api.ts";
import { type Component, components } from "./components.ts";
import { renderCniConfig, renderContainerdConfig, renderHostsToml, renderKubeletConfig } from "./configs.ts";
import { cniFolder } from "./packages.ts";
import type { NodePaths } from "./paths.ts";
import { ensurePki, renderKubeconfig } from "./pki.ts";
import type { NodeSettings } from "./settings.ts";

const overlayfsMagic = 0x794c7630;

/** Links (another disk: copies) the programs of `folders` into the node's own folder. */
export function placePrograms(folders: readonly string[], bin: string): void {
  mkdirSync(bin, { recursive: true });
  for (const folder of folders) {
    for (const name of readdirSync(folder).filter((file) => !file.endsWith(".json"))) {
      const place = join(bin, name);
      rmSync(`${place}.new`, { force: true });
      try {
        linkSync(join(folder, name), `${place}.new`);
      } catch {
        copyFileSync(join(folder, name), `${place}.new`);
      }
      renameSync(`${place}.new`, place);
    }
  }
}

/** Writes every configuration of the node anew: they follow from the settings alone. */
export async function writeConfigs(paths: NodePaths, settings: NodeSettings): Promise<void> {
  for (const folder of [
    paths.config,
    paths.cni,
    join(paths.certsD, "slipway.local"),
    paths.kubelet,
    paths.podLogs,
    paths.registry,
  ]) {
    mkdirSync(folder, { recursive: true });
  }
  await ensurePki(paths);
  const snapshotter = statfsSync(paths.root).type === overlayfsMagic ? "native" : "overlayfs";
  const plugins = cniFolder() ?? "/usr/lib/cni";
  writeFileSync(
    join(paths.config, "containerd.toml"),
    renderContainerdConfig(paths, { cniFolder: plugins, snapshotter }),
  );
  writeFileSync(join(paths.config, "kubelet.json"), renderKubeletConfig(paths, settings));
  writeFileSync(join(paths.cni, "10-slipway-local.conflist"), renderCniConfig(paths, settings.podNet));
  writeFileSync(join(paths.certsD, "slipway.local", "hosts.toml"), renderHostsToml(settings.ports.registry));
  for (const user of ["controllers", "scheduler", "kubelet"]) {
    writeFileWhole(join(paths.config, `${user}.kubeconfig`), renderKubeconfig(paths, user, settings.ports.api), 0o600);
  }
  writeFileWhole(paths.kubeconfig, renderKubeconfig(paths, "admin", settings.ports.api), 0o600);
}

/** Starts the components that do not run, in order, and waits until the node takes pods. */
export async function startComponents(
  paths: NodePaths,
  settings: NodeSettings,
  step: Step,
  signal?: AbortSignal,
): Promise<void> {
  const begin = new Date();
  let kubeletStarted = false;
  for (const component of components(paths, settings)) {
    stopIfAborted(signal, "starting the Kubernetes node");
    let daemon = aliveRecord(paths.records, component.name);
    if (daemon === undefined) {
      step.say(`starting ${component.name}`);
      daemon = await startComponent(paths, component);
      kubeletStarted ||= component.name === "kubelet";
    }
    await untilAnswers(paths, settings, component.name, signal);
  }
  step.say("waiting for the node to be Ready");
  await untilReady(paths, settings, kubeletStarted ? begin : new Date(0), signal);
}

async function startComponent(paths: NodePaths, component: Component): Promise<Daemon> {
  return await startDaemonProcess({
    name: component.name,
    command: join(paths.bin, component.program),
    args: component.args,
    records: paths.records,
    logFile: join(paths.logs, `${component.name}.log`),
    cwd: paths.root,
    env: { ...process.env, ...component.env, HOME: paths.root },
  });
}

/** Only those that others wait for: the registry, and the API server (which waits for etcd itself). */
async function untilAnswers(
  paths: NodePaths,
  { ports }: NodeSettings,
  name: string,
  signal?: AbortSignal,
): Promise<void> {
  const probes: Readonly<Record<string, () => Promise<boolean>>> = {
    registry: async () => (await httpGet(`http://127.0.0.1:${ports.registry}/v2/`)) !== undefined,
    "kube-apiserver": async () => (await callApi(paths, ports.api, "GET", "/readyz"))?.status === 200,
  };
  const answers = probes[name];
  if (answers === undefined) return;
  await waitFor({
    what: `${name} to answer`,
    timeoutMs: 120_000,
    signal,
    explain: () => `see ${join(paths.logs, `${name}.log`)}`,
    probe: async () => {
      requireAlive(paths);
      return (await answers()) ? true : undefined;
    },
  });
}

/** Throws when a server that was started has ended: waiting longer is pointless. */
function requireAlive(paths: NodePaths): void {
  for (const file of readdirSync(paths.records)) {
    const name = file.replace(/\.json$/, "");
    const record = aliveRecord(paths.records, name);
    if (record === undefined || !isAlive(record)) throw serverDied(name, join(paths.logs, `${name}.log`), "it ended");
  }
}

async function untilReady(paths: NodePaths, { ports }: NodeSettings, since: Date, signal?: AbortSignal): Promise<void> {
  const get = async (path: string): Promise<string | undefined> => {
    const answer = await callApi(paths, ports.api, "GET", path);
    return answer?.status === 200 ? answer.body : undefined;
  };
  await waitFor({
    what: "the Kubernetes node to be Ready",
    timeoutMs: 180_000,
    signal,
    maxPauseMs: 250,
    explain: () =>
      `see ${paths.logs}; the kubelet's log ends with: ${logTail(join(paths.logs, "kubelet.log"), 3).join(" | ")}`,
    probe: async () => {
      requireAlive(paths);
      const node = await get("/api/v1/nodes/localhost");
      const account = await get("/api/v1/namespaces/default/serviceaccounts/default");
      return node !== undefined && account !== undefined && isNodeReady(JSON.parse(node), since) ? true : undefined;
    },
  });
}

/** The port of a start that failed because somebody took it between choice and bind, told by a log. */
export function lostAPort(paths: NodePaths, error: unknown): boolean {
  if (!(error instanceof StackError)) return false;
  return readdirSync(paths.logs).some((file) =>
    logTail(join(paths.logs, file), 10).some((line) => /address already in use/i.test(line)),
  );
}
