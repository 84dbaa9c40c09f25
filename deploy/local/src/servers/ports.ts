import { join } from "node:path";
import { z } from "zod";
import { StackError } from "../core/error.ts";
import { readJson, writeJson } from "../core/json-file.ts";
import { choosePorts, isFree } from "../core/port.ts";
import { waitFor } from "../core/wait.ts";

/** Which ports a server has, remembered in its folder: a restart keeps its address. */
export interface PortSpec<P extends string> {
  readonly name: string;
  readonly dir: string;
  readonly portNames: readonly P[];
  /** Ports to take when they are free. */
  readonly wanted: ReadonlyMap<P, number>;
}

const file = (spec: PortSpec<string>): string => join(spec.dir, `${spec.name}.ports`);

/** Those of last time when they are free, else the wanted ones that are, else others; not `first`: others. */
export async function portsFor<P extends string>(spec: PortSpec<P>, first: boolean): Promise<ReadonlyMap<P, number>> {
  const saved = first ? await savedPorts(spec) : undefined;
  return saved ?? (await choosePorts(spec.portNames, first ? spec.wanted : new Map<P, number>()));
}

export function savePorts(spec: PortSpec<string>, ports: ReadonlyMap<string, number>): void {
  writeJson(file(spec), Object.fromEntries(ports));
}

/** The ports of last time, free or not. */
export function readPorts<P extends string>(spec: PortSpec<P>): Map<P, number> | undefined {
  const saved = readJson(file(spec), z.record(z.string(), z.int()));
  if (saved === undefined) return undefined;
  const ports = new Map<P, number>();
  for (const name of spec.portNames) {
    const port = saved[name];
    if (port === undefined) return undefined;
    ports.set(name, port);
  }
  return ports;
}

async function savedPorts<P extends string>(spec: PortSpec<P>): Promise<Map<P, number> | undefined> {
  const ports = readPorts(spec);
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
