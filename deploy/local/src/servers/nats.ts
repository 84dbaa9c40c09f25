import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ensureBuilt } from "../build/build.ts";
import { writeFileWhole } from "../core/json-file.ts";
import { type Progress, silent } from "../core/progress.ts";
import { httpGet } from "../core/wait.ts";
import { type BootedServer, type BootSpec, bootServer, runningServer } from "./boot.ts";
import { portOf } from "./ports.ts";

export interface NatsOptions {
  /** JetStream's files, configuration and log; made when missing. One running server per folder. */
  readonly dir: string;
  /** Default "free". "conventional": 4222, and 8222 for its monitor, when free. */
  readonly ports?: "free" | "conventional";
  /** Default false: the server dies with this process. */
  readonly keep?: boolean;
  /** A nats-server program to use instead of the pinned one. */
  readonly program?: string | undefined;
  readonly log?: Progress;
  readonly signal?: AbortSignal | undefined;
}

const natsPorts = ["client", "monitor"] as const;
type NatsPort = (typeof natsPorts)[number];
const conventionalPorts: ReadonlyMap<NatsPort, number> = new Map([
  ["client", 4222],
  ["monitor", 8222],
]);

/** A nats-server of one's own, with JetStream on disk. */
export interface NatsServer extends BootedServer<NatsPort> {
  /** "nats://127.0.0.1:4222" */
  readonly url: string;
  /** "http://127.0.0.1:8222" */
  readonly monitorUrl: string;
}

/** The server's configuration: loopback only, JetStream in `store`, every limit at its default. */
export function renderNatsConfig(ports: ReadonlyMap<NatsPort, number>, store: string): string {
  return [
    "server_name: slipway",
    `listen: "127.0.0.1:${portOf(ports, "client")}"`,
    `http: "127.0.0.1:${portOf(ports, "monitor")}"`,
    `jetstream { store_dir: ${JSON.stringify(store)} }`,
    "",
  ].join("\n");
}

/** Builds the pinned server if need be, starts it, waits until JetStream is ready. */
export async function startNats(options: NatsOptions): Promise<NatsServer> {
  return withUrls(await bootServer(await bootSpec(options)));
}

/** The server that a `startNats` with `keep` left in this folder, or undefined. */
export async function findNats(options: NatsOptions): Promise<NatsServer | undefined> {
  const found = await runningServer(await bootSpec(options));
  return found === undefined ? undefined : withUrls(found);
}

async function bootSpec(options: NatsOptions): Promise<BootSpec<NatsPort>> {
  const command = options.program ?? (await builtProgram(options));
  mkdirSync(options.dir, { recursive: true });
  return {
    name: "nats-server",
    dir: options.dir,
    portNames: natsPorts,
    wanted: options.ports === "conventional" ? conventionalPorts : new Map(),
    keep: options.keep ?? false,
    readyTimeoutMs: 60_000,
    graceMs: 10_000,
    signal: options.signal,
    ready: async (ports) => (await httpGet(`http://127.0.0.1:${portOf(ports, "monitor")}/healthz`)) !== undefined,
    prepare: (ports) => {
      const config = join(options.dir, "nats-server.conf");
      writeFileWhole(config, renderNatsConfig(ports, join(options.dir, "jetstream")));
      return { command, args: ["--config", config] };
    },
  };
}

async function builtProgram(options: NatsOptions): Promise<string> {
  const folders = await ensureBuilt(["nats-server"], { log: options.log ?? silent, signal: options.signal });
  return join(folders.get("nats-server") ?? "", "nats-server");
}

function withUrls(server: BootedServer<NatsPort>): NatsServer {
  return {
    ...server,
    url: `nats://127.0.0.1:${portOf(server.ports, "client")}`,
    monitorUrl: `http://127.0.0.1:${portOf(server.ports, "monitor")}`,
  };
}
