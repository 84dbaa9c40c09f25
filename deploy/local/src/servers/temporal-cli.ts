import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { httpGet } from "../core/wait.ts";
import { type BootedServer, type BootSpec, bootServer, runningServer } from "./boot.ts";
import { portOf } from "./ports.ts";
import { dynamicSettings } from "./temporal-config.ts";

export interface TemporalCliOptions {
  readonly dir: string;
  /** The `temporal` program found on PATH. */
  readonly program: string;
  readonly signal?: AbortSignal | undefined;
}

const ports = ["frontend", "http", "ui"] as const;
type Port = (typeof ports)[number];

export interface TemporalCliServer extends BootedServer<Port> {
  readonly address: string;
  readonly uiUrl: string;
}

/** The user's own `temporal server start-dev`, with a file for its state and our dynamic settings. It outlives us. */
export async function startTemporalCli(options: TemporalCliOptions): Promise<TemporalCliServer> {
  return withAddresses(await bootServer(bootSpec(options)));
}

export async function findTemporalCli(options: TemporalCliOptions): Promise<TemporalCliServer | undefined> {
  const found = await runningServer(bootSpec(options));
  return found === undefined ? undefined : withAddresses(found);
}

/** The arguments of `temporal`. */
export function startDevArguments(database: string, chosen: ReadonlyMap<Port, number>): string[] {
  const settings = Object.entries(dynamicSettings).flatMap(([name, value]) => [
    "--dynamic-config-value",
    `${name}=${JSON.stringify(value)}`,
  ]);
  return [
    "server",
    "start-dev",
    "--ip",
    "127.0.0.1",
    "--log-level",
    "warn",
    "--db-filename",
    database,
    "--port",
    String(portOf(chosen, "frontend")),
    "--http-port",
    String(portOf(chosen, "http")),
    "--ui-port",
    String(portOf(chosen, "ui")),
    ...settings,
  ];
}

function bootSpec(options: TemporalCliOptions): BootSpec<Port> {
  mkdirSync(options.dir, { recursive: true });
  return {
    name: "temporal-cli",
    dir: options.dir,
    portNames: ports,
    wanted: new Map([
      ["frontend", 7233],
      ["http", 7243],
      ["ui", 8233],
    ]),
    keep: true,
    readyTimeoutMs: 90_000,
    graceMs: 5000,
    signal: options.signal,
    ready: async (chosen) =>
      (await httpGet(`http://127.0.0.1:${portOf(chosen, "http")}/api/v1/namespaces/default/workflows?pageSize=1`)) !==
      undefined,
    prepare: (chosen) => ({
      command: options.program,
      args: startDevArguments(join(options.dir, "temporal-cli.db"), chosen),
      env: { ...process.env, TEMPORAL_VERSION_CHECK_DISABLED: "1" },
    }),
  };
}

function withAddresses(server: BootedServer<Port>): TemporalCliServer {
  return {
    ...server,
    address: `127.0.0.1:${portOf(server.ports, "frontend")}`,
    uiUrl: `http://127.0.0.1:${portOf(server.ports, "ui")}`,
  };
}
