import { join } from "node:path";
import { aliveRecord, type Daemon, logTail, serverDied, startDaemonProcess, stopRecorded } from "../core/daemon.ts";
import { signalQuietly, stopProcess } from "../core/ending.ts";
import { dieWithMe } from "../core/guard.ts";
import { isAlive } from "../core/process-id.ts";
import { waitFor } from "../core/wait.ts";
import { type PortSpec, portsFor, readPorts, savePorts } from "./ports.ts";

/**
 * How one server is started; the same for a test's own server and for the one that `up` leaves running. Everything of it
 * is in `dir`: data, configuration, log, record, chosen ports.
 */
export interface BootSpec<P extends string> extends PortSpec<P> {
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
  for (let attempt = 1; ; attempt++) {
    const ports = await portsFor(spec, attempt === 1);
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
      savePorts(spec, ports);
      return running(spec, daemon, ports, release);
    } catch (error) {
      release();
      await stopRecorded(spec.dir, spec.name);
      if (attempt >= attempts || !lostPort(daemon, begin)) throw error;
    }
  }
}

/** The server that `bootServer` left running in this folder, or undefined. */
export async function runningServer<P extends string>(spec: BootSpec<P>): Promise<BootedServer<P> | undefined> {
  const record = aliveRecord(spec.dir, spec.name);
  const ports = readPorts(spec);
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
