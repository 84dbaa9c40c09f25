import { existsSync, readdirSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { kubepods } from "../src/node/cgroups.ts";
import { processes } from "../src/node/host.ts";
import { mountsBelow } from "../src/node/mounts.ts";
import { findProgram } from "../src/node/packages.ts";
import { nodeRoot } from "../src/node/paths.ts";

/** Everything on this host that only a stack could have left, in words; empty is right. `links` are those from before. */
export function leftovers(root: string, links: ReadonlySet<string>): string[] {
  return [
    ...processes()
      .filter(({ args }) => args.some((arg) => arg.includes(nodeRoot) || arg.includes(join(root, ".slipway"))))
      .map(({ pid, args }) => `process ${pid} ${args.join(" ").slice(0, 120)}`),
    ...podProcesses(),
    ...mountsBelow(nodeRoot).map((point) => `mount ${point}`),
    ...kubepods().map((path) => `cgroup ${path}`),
    ...linkNames()
      .filter((name) => !links.has(name))
      .map((name) => `link ${name}`),
    ...rules().map((rule) => `rule ${rule}`),
    ...["/run/containerd/s", "/run/containerd/runc/k8s.io", "/var/log/containers"].flatMap((folder) => files(folder)),
    ...files("/var/lib/cni/results").filter((name) => name.includes("slipway-local")),
  ];
}

/** Names of the host's network links, also of those without an address. */
export function linkNames(): string[] {
  const folder = "/sys/class/net";
  return existsSync(folder) ? readdirSync(folder) : Object.keys(networkInterfaces());
}

const files = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];

function podProcesses(): string[] {
  return processes().flatMap(({ pid, args }) => {
    try {
      const cgroup = readFileSync(`/proc/${pid}/cgroup`, "utf8");
      return cgroup.includes("/kubepods") ? [`pod process ${pid} ${args.join(" ").slice(0, 80)}`] : [];
    } catch {
      return [];
    }
  });
}

function rules(): string[] {
  const program = findProgram("iptables-save");
  if (program === undefined) return [];
  return (spawnSync(program, { encoding: "utf8", timeout: 10_000 }).stdout ?? "")
    .split("\n")
    .filter((line) => line.includes("slipway-local"));
}
