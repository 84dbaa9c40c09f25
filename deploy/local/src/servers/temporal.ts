import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ensureBuilt } from "../build/build.ts";
import { writeFileWhole } from "../core/json-file.ts";
import { type Progress, silent } from "../core/progress.ts";
import { httpGet, waitFor } from "../core/wait.ts";
import { type BootedServer, type BootSpec, bootServer, runningServer } from "./boot.ts";
import { portOf } from "./ports.ts";
import {
  conventionalTemporalPorts,
  renderDynamicConfig,
  renderTemporalConfig,
  type TemporalPort,
  temporalPorts,
} from "./temporal-config.ts";

export interface TemporalOptions {
  /** Data, configuration and log; made when missing. One running server per folder. */
  readonly dir: string;
  /** Default "free": random free ports. "conventional": 7233 and its neighbours when free. */
  readonly ports?: "free" | "conventional";
  /** Default false: a SQLite file in `dir`. True: the data ends with the process. */
  readonly inMemory?: boolean;
  /** Default false: the server dies with this process. */
  readonly keep?: boolean;
  readonly log?: Progress;
  readonly signal?: AbortSignal | undefined;
}

/** A Temporal server of one's own with namespace `default` (7 days of retention). */
export interface TemporalServer extends BootedServer<TemporalPort> {
  /** "127.0.0.1:7233" */
  readonly address: string;
}

const retention = "604800s";

/** Builds the pinned server if need be, starts it, waits until namespace `default` takes work. */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  const spec = await bootSpec(options);
  return await ready(await bootServer(spec), options.signal);
}

/** The server that a `startTemporal` with `keep` left in this folder, or undefined. */
export async function findTemporal(options: TemporalOptions): Promise<TemporalServer | undefined> {
  const found = await runningServer(await bootSpec(options));
  return found === undefined ? undefined : await ready(found, options.signal);
}

async function bootSpec(options: TemporalOptions): Promise<BootSpec<TemporalPort>> {
  const folders = await ensureBuilt(["temporal-server"], { log: options.log ?? silent, signal: options.signal });
  mkdirSync(options.dir, { recursive: true });
  return {
    name: "temporal-server",
    dir: options.dir,
    portNames: temporalPorts,
    wanted: options.ports === "conventional" ? conventionalTemporalPorts : new Map(),
    keep: options.keep ?? false,
    readyTimeoutMs: 90_000,
    graceMs: options.keep === true ? 5000 : 1000, // its own drain takes over 10 s, and SQLite's WAL needs none of it
    signal: options.signal,
    ready: async (ports) => (await httpGet(`${httpUrl(ports)}/api/v1/system-info`)) !== undefined,
    prepare: (ports) => {
      const dynamicConfigFile = join(options.dir, "dynamic-config.json");
      const configFile = join(options.dir, "temporal-server.config.json");
      const database = options.inMemory === true ? undefined : join(options.dir, "temporal.db");
      writeFileWhole(dynamicConfigFile, renderDynamicConfig());
      writeFileWhole(configFile, renderTemporalConfig({ ports, database, dynamicConfigFile }));
      const command = join(folders.get("temporal-server") ?? "", "temporal-server");
      return { command, args: ["--config-file", configFile, "--allow-no-auth", "start"] };
    },
  };
}

async function ready(server: BootedServer<TemporalPort>, signal: AbortSignal | undefined): Promise<TemporalServer> {
  try {
    await registerDefaultNamespace(httpUrl(server.ports), signal);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { ...server, address: `127.0.0.1:${portOf(server.ports, "frontend")}` };
}

/** Registers namespace `default` through the server's HTTP door and waits until every service knows it. */
async function registerDefaultNamespace(url: string, signal: AbortSignal | undefined): Promise<void> {
  await waitFor({
    what: "Temporal's namespace default",
    timeoutMs: 60_000,
    signal,
    probe: async () => {
      if ((await httpGet(`${url}/api/v1/namespaces/default`)) === undefined) await postNamespace(url);
      return await httpGet(`${url}/api/v1/namespaces/default/workflows?pageSize=1`);
    },
  });
}

async function postNamespace(url: string): Promise<void> {
  try {
    const response = await fetch(`${url}/api/v1/namespaces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ namespace: "default", workflowExecutionRetentionPeriod: retention }),
      signal: AbortSignal.timeout(10_000),
    });
    await response.text();
  } catch {
    // not there yet: the caller asks again
  }
}

function httpUrl(ports: ReadonlyMap<TemporalPort, number>): string {
  return `http://127.0.0.1:${portOf(ports, "http")}`;
}
