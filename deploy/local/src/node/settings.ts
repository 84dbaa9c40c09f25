import { networkInterfaces } from "node:os";
import { z } from "zod";
import { readJson, writeJson } from "../core/json-file.ts";
import { choosePorts, isFree } from "../core/port.ts";
import type { NodePaths } from "./paths.ts";

/** The node's listeners; all on 127.0.0.1. */
export const nodePorts = [
  "etcd",
  "etcdPeer",
  "api",
  "controllers",
  "scheduler",
  "kubelet",
  "kubeletHealth",
  "registry",
] as const;
export type NodePort = (typeof nodePorts)[number];

const conventional: ReadonlyMap<NodePort, number> = new Map([
  ["etcd", 2379],
  ["etcdPeer", 2380],
  ["api", 6443],
  ["controllers", 10257],
  ["scheduler", 10259],
  ["kubelet", 10250],
  ["kubeletHealth", 10248],
  ["registry", 5000],
]);

const schema = z.object({
  ports: z.object({
    etcd: z.int(),
    etcdPeer: z.int(),
    api: z.int(),
    controllers: z.int(),
    scheduler: z.int(),
    kubelet: z.int(),
    kubeletHealth: z.int(),
    registry: z.int(),
  }),
  /** The pods' network, first two numbers: "10.244" stands for 10.244.0.0/16. */
  podNet: z.string().regex(/^10\.\d+$/),
  kubernetes: z.string(),
});
export type NodeSettings = z.infer<typeof schema>;

export function readSettings(paths: NodePaths): NodeSettings | undefined {
  return readJson(paths.settings, schema);
}

/**
 * The settings for a start from nothing running. Kept from last time; a port that somebody else took since is replaced.
 */
export async function settle(paths: NodePaths, kubernetes: string): Promise<NodeSettings> {
  const old = readSettings(paths);
  const wanted = new Map(conventional);
  if (old !== undefined) for (const name of nodePorts) wanted.set(name, old.ports[name]);
  const chosen = await choosePorts(nodePorts, wanted, isFree);
  const settings = schema.parse({
    ports: Object.fromEntries(chosen),
    podNet: old?.podNet ?? freePodNet(hostAddresses()),
    kubernetes,
  });
  writeJson(paths.settings, settings);
  return settings;
}

function hostAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((entry) => entry.address));
}

/** The first of 10.244, 10.245 … in which the host has no address of its own. */
export function freePodNet(addresses: readonly string[]): string {
  const nets = Array.from({ length: 12 }, (_, i) => `10.${244 + i}`);
  return nets.find((net) => !addresses.some((address) => address.startsWith(`${net}.`))) ?? "10.244";
}
