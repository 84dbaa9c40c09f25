import { join } from "node:path";
import { z } from "zod";
import {
  aliveRecord,
  type Daemon,
  logTail,
  serverDied,
  signalQuietly,
  startDaemonProcess,
  stopProcess,
  stopRecorded,
} from "../core/daemon.ts";
import { StackError } from "../core/error.ts";
import { dieWithMe } from "../core/guard.ts";
import { readJson, writeJson } from "../core/json-file.ts";
import { isFree, choosePorts } from "../core/port.ts";
import { isAlive } from "../core/process-id.ts";
import { waitFor } from "../core/wait.ts";

/** How one server is started; the same for a test's own server and for the one that `up` leaves running. */
export interface BootSpec<P extends string> {
  readonly name: string;
  /** Everything of this server is below it: data, configuration, log, record, chosen ports. */
  readonly dir: string;
  readonly portNames: readonly P[];
  /** Ports to take when they are free. */
  readonly wanted: ReadonlyMap<P, number>;
  /** Writes the configuration for these ports; answers the command. */
  readonly prepare: (ports: ReadonlyMap<P, number>) => {
    command: string;
    args: readonly string[];
    env?: NodeJS.ProcessEnv;
  };
  /** True once the server answers. */
  readonly ready: (ports: ReadonlyMap<P, number>) => Promise<boolean>;
  readonly readyTimeoutMs: number;
  /** How long SIGTERM may take before SIGKILL: what the server writes is safe either way. */
  readonly graceMs: number;
  /** True: it outlives this process. False: it dies with it. */
  readonly keep: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface BootedServer<P extends string> {
  readonly pid: number;
  readonly startTime: string;
  readonly ports: ReadonlyMap<P, number>;
  readonly logFile: string;
  /** SIGTERM, then SIGKILL. The data stays. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would. Starting again with the same `dir` gives the same ports when they are free. */
  kill9(): Promise<void>;
}

const attempts = 5;

/** Starts a server and waits until it answers. A port lost between choice and bind is replaced. */
export async function bootServer<P extends string>(spec: BootSpec<P>): Promise<BootedServer<P>> {
  await stopRecorded(spec.dir, spec.name); // what a killed test left in this folder
  const portsFile = join(spec.dir, `${spec.name}.ports`);
  let ports = await savedPorts(portsFile, spec.portNames);
  for (let attempt = 1; ; attempt++) {
    ports ??= await choosePorts(spec.portNames, attempt === 1 ? spec.wanted : new Map<P, number>());
    const begin = Date.now();
    const daemon = await startDaemonProcess({
      ...spec.prepare(ports),
      name: spec.name,
      records: spec.dir,
      logFile: join(spec.dir, `${spec.name}.log`),
      cwd: spec.dir,
    });
    const release = spec.keep ? () => undefined : dieWithMe(daemon.pid);
    try {
      await untilReady(spec, daemon, ports);
      writeJson(portsFile, Object.fromEntries(ports));
      return running(spec, daemon, ports, release);
    } catch (error) {
      release();
      await stopRecorded(spec.dir, spec.name);
      if (attempt >= attempts || !lostPort(daemon, begin)) throw error;
      ports = undefined;
    }
  }
}

/** The server that `bootServer` left running in this folder, or undefined. */
export async function runningServer<P extends string>(spec: BootSpec<P>): Promise<BootedServer<P> | undefined> {
  const record = aliveRecord(spec.dir, spec.name);
  const ports = readPorts(join(spec.dir, `${spec.name}.ports`), spec.portNames);
  if (record === undefined || ports === undefined || !(await spec.ready(ports))) return undefined;
  return running(
    spec,
    { ...record, logFile: join(spec.dir, `${spec.name}.log`), ended: () => undefined },
    ports,
    () => undefined,
  );
}

async function untilReady<P extends string>(
  spec: BootSpec<P>,
  daemon: Daemon,
  ports: ReadonlyMap<P, number>,
): Promise<void> {
  await waitFor({
    what: `${spec.name} to answer`,
    timeoutMs: spec.readyTimeoutMs,
    signal: spec.signal,
    explain: () => `see ${daemon.logFile}; it ends with: ${logTail(daemon.logFile, 3).join(" | ")}`,
    probe: async () => {
      if (!isAlive(daemon)) throw serverDied(spec.name, daemon.logFile, daemon.ended() ?? "it ended");
      return (await spec.ready(ports)) && isAlive(daemon) ? true : undefined;
    },
  });
}

function running<P extends string>(
  spec: BootSpec<P>,
  daemon: Daemon,
  ports: ReadonlyMap<P, number>,
  release: () => void,
): BootedServer<P> {
  return {
    pid: daemon.pid,
    startTime: daemon.startTime,
    ports,
    logFile: daemon.logFile,
    stop: async () => {
      release();
      await stopRecorded(spec.dir, spec.name, spec.graceMs);
    },
    kill9: async () => {
      release();
      if (isAlive(daemon)) signalQuietly(daemon.pid, "SIGKILL");
      await stopProcess(daemon);
    },
  };
}

function lostPort(daemon: Daemon, begin: number): boolean {
  return (
    Date.now() - begin < 60_000 && logTail(daemon.logFile, 40).some((line) => /address already in use/i.test(line))
  );
}

function readPorts<P extends string>(file: string, names: readonly P[]): Map<P, number> | undefined {
  const saved = readJson(file, z.record(z.string(), z.int()));
  if (saved === undefined) return undefined;
  const ports = new Map<P, number>();
  for (const name of names) {
    const port = saved[name];
    if (port === undefined) return undefined;
    ports.set(name, port);
  }
  return ports;
}

async function savedPorts<P extends string>(file: string, names: readonly P[]): Promise<Map<P, number> | undefined> {
  const ports = readPorts(file, names);
  if (ports === undefined) return undefined;
  const free = async (): Promise<true | undefined> => {
    const answers = await Promise.all([...ports.values()].map(async (port) => await isFree(port)));
    return answers.includes(false) ? undefined : true;
  };
  try {
    // A process that was just killed keeps its sockets until its last thread is gone.
    await waitFor({ what: "the former ports", timeoutMs: 1500, probe: free, maxPauseMs: 100 });
    return ports;
  } catch (error) {
    if (error instanceof StackError) return undefined;
    throw error;
  }
}

/** The port chosen for `name`. Throws when a server was asked for a port that it does not have: a bug. */
export function portOf<P extends string>(ports: ReadonlyMap<P, number>, name: P): number {
  const port = ports.get(name);
  if (port === undefined)
    throw new StackError("StackNoPort", { what: `no port ${name}`, why: "it was never chosen", fix: "report this" });
  return port;
}
