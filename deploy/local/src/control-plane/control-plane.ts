import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureBuilt } from "../build/build.ts";
import { writeFileWhole } from "../core/json-file.ts";
import { type Progress, silent } from "../core/progress.ts";
import { httpGet, waitFor } from "../core/wait.ts";
import { callApi } from "../node/api.ts";
import { apiServer, type Component, controllerManager, etcd, scheduler } from "../node/components.ts";
import { nodePaths, type NodePaths } from "../node/paths.ts";
import { ensurePki, renderKubeconfig } from "../node/pki.ts";
import { type BootedServer, bootServer } from "../servers/boot.ts";
import { portOf } from "../servers/ports.ts";
import { renderKwokConfig } from "./kwok-config.ts";
import { type Capacity, simulatedNode } from "./simulated-node.ts";

export interface ControlPlaneOptions {
  /** Everything of it: made when missing, removed by its owner. */
  readonly dir: string;
  readonly log?: Progress;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Kubernetes without a kubelet, for tests: etcd, API server, controllers and scheduler as in the stack's node, and kwok,
 * which plays the nodes. On free ports of 127.0.0.1; several run side by side, and each dies with its process.
 */
export interface ControlPlane {
  readonly dir: string;
  /** Path of the admin's kubeconfig. */
  readonly kubeconfig: string;
  readonly context: "slipway-local";
  /** A node that kwok plays; resolves when it is there. */
  addNode(name: string, capacity?: Capacity): Promise<void>;
  /** Every node falls silent: kwok is killed, and nobody plays them any more. */
  silenceNodes(): Promise<void>;
  /** kill -9 of the API server. */
  killApiServer(): Promise<void>;
  /** At the same address; resolves when it answers. */
  startApiServer(): Promise<void>;
  /** Forgets every version but the newest. */
  compact(): Promise<void>;
  stop(): Promise<void>;
}

const READY_MS = 120_000;

/** Builds what is missing, starts everything, waits until pods can be made. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { log = silent, signal, dir } = options;
  const built = await ensureBuilt(["etcd", "kubernetes", "kwok"], { log, signal });
  const paths = nodePaths(dir);
  mkdirSync(paths.config, { recursive: true });
  await ensurePki(paths);
  const plane = new Plane(paths, built, signal);
  try {
    await plane.start();
    return plane;
  } catch (error) {
    await plane.stop();
    throw error;
  }
}

type Programs = ReadonlyMap<"etcd" | "kubernetes" | "kwok", string>;
type Running = BootedServer<string>;

class Plane implements ControlPlane {
  readonly context = "slipway-local";
  readonly dir: string;
  readonly kubeconfig: string;
  readonly #paths: NodePaths;
  readonly #programs: Programs;
  readonly #signal: AbortSignal | undefined;
  readonly #servers = new Map<string, Running>();

  constructor(paths: NodePaths, programs: Programs, signal: AbortSignal | undefined) {
    this.#paths = paths;
    this.#programs = programs;
    this.#signal = signal;
    this.dir = paths.root;
    this.kubeconfig = paths.kubeconfig;
  }

  async start(): Promise<void> {
    await this.#boot("etcd", ["etcd", "etcdPeer"], "etcd", (ports) =>
      etcd(this.#paths, { etcd: portOf(ports, "etcd"), etcdPeer: portOf(ports, "etcdPeer") }),
    );
    await this.startApiServer();
    for (const user of ["controllers", "scheduler", "admin"]) this.#writeKubeconfig(user);
    await Promise.all([
      this.#boot("kubernetes", ["controllers"], "controllers", (ports) =>
        controllerManager(this.#paths, { controllers: portOf(ports, "controllers") }),
      ),
      this.#boot("kubernetes", ["scheduler"], "scheduler", (ports) =>
        scheduler(this.#paths, { scheduler: portOf(ports, "scheduler") }),
      ),
      this.#startKwok(),
    ]);
    await this.#until("the default service account", "/api/v1/namespaces/default/serviceaccounts/default");
  }

  async startApiServer(): Promise<void> {
    await this.#boot("kubernetes", ["api"], "api", (ports) =>
      apiServer(this.#paths, { etcd: this.#port("etcd", "etcd"), api: portOf(ports, "api") }, "InternalIP"),
    );
  }

  async killApiServer(): Promise<void> {
    await this.#servers.get("api")?.kill9();
  }

  async silenceNodes(): Promise<void> {
    await this.#servers.get("kwok")?.kill9();
  }

  async addNode(name: string, capacity: Capacity = {}): Promise<void> {
    const node = simulatedNode(name, this.#port("kwok", "kwok"), capacity);
    const answer = await callApi(this.#paths, this.#port("api", "api"), "POST", "/api/v1/nodes", node);
    if (answer?.status !== 201) throw new Error(`the node ${name} was not made: ${answer?.body ?? "no answer"}`);
    await this.#until(`the node ${name}`, `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${name}`);
  }

  /** etcd's own gateway (https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/). */
  async compact(): Promise<void> {
    const ask = async (path: string, body: object): Promise<string> => {
      const answer = await callApi(this.#paths, this.#port("etcd", "etcd"), "POST", path, body);
      if (answer?.status !== 200) throw new Error(`etcd: ${answer?.body ?? "no answer"}`);
      return answer.body;
    };
    const revision = /"revision":"(\d+)"/.exec(await ask("/v3/kv/range", { key: "AA==", limit: 1 }))?.[1];
    await ask("/v3/kv/compaction", { revision, physical: true });
  }

  async stop(): Promise<void> {
    for (const name of ["kwok", "scheduler", "controllers", "api", "etcd"]) await this.#servers.get(name)?.stop();
  }

  async #startKwok(): Promise<void> {
    const { config, root } = this.#paths;
    const logFile = join(root, "pod.log");
    const file = join(config, "kwok.yaml");
    const line = (n: number): string => `2026-01-01T00:00:0${n}.000000000Z stdout F line ${n}\n`;
    writeFileSync(logFile, [1, 2, 3].map(line).join(""));
    writeFileWhole(file, renderKwokConfig(logFile));
    await this.#boot("kwok", ["kwok"], "kwok", (ports) => ({
      name: "kwok",
      program: "kwok",
      args: [
        `--config=${file}`,
        `--kubeconfig=${this.kubeconfig}`,
        "--manage-all-nodes=true",
        "--node-lease-duration-seconds=40",
        "--node-ip=127.0.0.1",
        `--node-port=${portOf(ports, "kwok")}`,
        `--server-address=127.0.0.1:${portOf(ports, "kwok")}`,
        `--tls-cert-file=${join(this.#paths.pki, "kubelet.crt")}`,
        `--tls-private-key-file=${join(this.#paths.pki, "kubelet.key")}`,
      ],
    }));
  }

  async #boot(
    from: "etcd" | "kubernetes" | "kwok",
    portNames: readonly string[],
    name: string,
    component: (ports: ReadonlyMap<string, number>) => Component,
  ): Promise<void> {
    const dir = join(this.#paths.root, "servers", name);
    mkdirSync(dir, { recursive: true });
    const server = await bootServer<string>({
      name,
      dir,
      portNames,
      wanted: new Map(),
      keep: false,
      readyTimeoutMs: READY_MS,
      graceMs: 5000,
      signal: this.#signal,
      prepare: (ports) => {
        const { program, args } = component(ports);
        return { command: join(this.#programs.get(from) ?? "", program), args };
      },
      ready: async (ports) => await this.#answers(name, portOf(ports, portNames[0] ?? name)),
    });
    this.#servers.set(name, server);
  }

  async #answers(name: string, port: number): Promise<boolean> {
    const health: Readonly<Record<string, string>> = { etcd: "/health", api: "/readyz" };
    const path = health[name];
    if (path !== undefined) return (await callApi(this.#paths, port, "GET", path))?.status === 200;
    return name !== "kwok" || (await httpGet(`http://127.0.0.1:${port}/healthz`)) !== undefined;
  }

  async #until(what: string, path: string): Promise<void> {
    const there = async () => (await callApi(this.#paths, this.#port("api", "api"), "GET", path))?.status === 200;
    const probe = async () => ((await there()) ? true : undefined);
    await waitFor({ what, timeoutMs: READY_MS, signal: this.#signal, probe });
  }

  #port(server: string, name: string): number {
    const running = this.#servers.get(server);
    if (running === undefined) throw new Error(`${server} was never started`);
    return portOf(running.ports, name);
  }

  #writeKubeconfig(user: string): void {
    const file = user === "admin" ? this.kubeconfig : join(this.#paths.config, `${user}.kubeconfig`);
    writeFileWhole(file, renderKubeconfig(this.#paths, user, this.#port("api", "api")), 0o600);
  }
}
