import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ensureBuilt } from "../build/build.ts";
import { readJson, writeFileWhole } from "../core/json-file.ts";
import { type Progress } from "../core/progress.ts";
import { httpGet } from "../core/wait.ts";
import { z } from "zod";
import { type BootedServer, type BootSpec, bootServer, runningServer } from "./boot.ts";
import { portOf } from "./ports.ts";

export interface TemporalUiOptions {
  readonly dir: string;
  /** The Temporal server it shows: "127.0.0.1:7233". */
  readonly temporal: string;
  readonly log: Progress;
  readonly signal?: AbortSignal | undefined;
}

export interface TemporalUi extends BootedServer<"http"> {
  readonly url: string;
}

/** Temporal's Web UI on 8233 when that is free; it outlives this process. */
export async function startTemporalUi(options: TemporalUiOptions): Promise<TemporalUi> {
  return withUrl(await bootServer(await bootSpec(options)));
}

/** The UI that runs from this folder for this very server, or undefined. */
export async function findTemporalUi(options: TemporalUiOptions): Promise<TemporalUi | undefined> {
  const config = readJson(configFile(options.dir), z.object({ temporalGrpcAddress: z.string() }));
  if (config?.temporalGrpcAddress !== options.temporal) return undefined;
  const found = await runningServer(await bootSpec(options));
  return found === undefined ? undefined : withUrl(found);
}

const configFile = (dir: string): string => join(dir, "config", "slipway.yaml");
const withUrl = (server: BootedServer<"http">): TemporalUi => ({
  ...server,
  url: `http://127.0.0.1:${portOf(server.ports, "http")}`,
});

async function bootSpec(options: TemporalUiOptions): Promise<BootSpec<"http">> {
  const folders = await ensureBuilt(["temporal-ui"], options);
  mkdirSync(options.dir, { recursive: true });
  return {
    name: "temporal-ui-server",
    dir: options.dir,
    portNames: ["http"],
    wanted: new Map([["http", 8233]]),
    keep: true,
    readyTimeoutMs: 30_000,
    graceMs: 3000,
    signal: options.signal,
    ready: async (ports) => (await httpGet(`http://127.0.0.1:${portOf(ports, "http")}/`)) !== undefined,
    prepare: (ports) => {
      const config = {
        temporalGrpcAddress: options.temporal,
        host: "127.0.0.1",
        port: portOf(ports, "http"),
        enableUi: true,
        defaultNamespace: "default",
        disableNewsFetch: true, // nothing here calls out
        cors: { cookieInsecure: true, allowOrigins: [`http://127.0.0.1:${portOf(ports, "http")}`] },
      };
      writeFileWhole(configFile(options.dir), `${JSON.stringify(config, undefined, 2)}\n`); // JSON is YAML
      const command = join(folders.get("temporal-ui") ?? "", "temporal-ui-server");
      return { command, args: ["--root", options.dir, "--config", "config", "--env", "slipway", "start"] };
    },
  };
}
