import { expect, test } from "vitest";
import { isNodeReady } from "./api.ts";
import { components } from "./components.ts";
import { renderCniConfig, renderContainerdConfig, renderHostsToml, renderKubeletConfig } from "./configs.ts";
import { shimsOf } from "./containers.ts";
import { mountPoints } from "./mounts.ts";
import { natRules } from "./nat.ts";
import { nodePaths } from "./paths.ts";
import { freePodNet } from "./settings.ts";

const paths = nodePaths("/n");
const ports = { etcd: 1, etcdPeer: 2, api: 3, controllers: 4, scheduler: 5, kubelet: 6, kubeletHealth: 7, registry: 8 };
const settings = { ports, podNet: "10.245", kubernetes: "1.36.3" };

test("components - whatever listens does so on 127.0.0.1", () => {
  const flags = components(paths, settings).flatMap((component) => component.args);
  const listening = flags.filter(
    (flag) => /(listen|bind|advertise|peer-url|--address)/.test(flag) && flag.includes("="),
  );
  expect(listening.length).toBeGreaterThan(6);
  expect(listening.filter((flag) => !flag.includes("127.0.0.1"))).toEqual([]);
  expect(JSON.parse(renderKubeletConfig(paths, settings))).toMatchObject({
    address: "127.0.0.1",
    healthzBindAddress: "127.0.0.1",
    readOnlyPort: 0,
  });
});

test("components - etcd and the API server ask for certificates", () => {
  const [etcd] = components(paths, settings);
  expect(etcd?.args).toContain("--client-cert-auth");
  expect(components(paths, settings).flatMap((component) => component.args)).toContain("--anonymous-auth=false");
});

test("configs - every path lies below the node's folder", () => {
  const toml = renderContainerdConfig(paths, { cniFolder: "/usr/lib/cni", snapshotter: "overlayfs" });
  const named = [...toml.matchAll(/"(\/[^"]*)"/g)].map((match) => match[1]);
  expect(named.filter((path) => path !== undefined && !path.startsWith("/n/") && path !== "/usr/lib/cni")).toEqual([]);
  expect(renderCniConfig(paths, "10.245")).toContain('"subnet": "10.245.0.0/16"');
  expect(renderHostsToml(8)).toBe(
    'server = "http://127.0.0.1:8"\n[host."http://127.0.0.1:8"]\n  capabilities = ["pull", "resolve"]\n',
  );
});

test("mounts - below the root only, deepest first, escapes undone", () => {
  const line = (point: string): string => `36 35 98:0 / ${point} rw - tmpfs tmpfs rw`;
  const info = [line("/n"), line("/n/a"), line("/n/a/b\\040c"), line("/nn/x"), line("/other"), ""].join("\n");
  expect(mountPoints(info, "/n")).toEqual(["/n/a/b c", "/n/a"]);
});

test("shims - only those of this containerd", () => {
  const shim = "/n/bin/containerd-shim-runc-v2";
  const seen = [
    { pid: 1, args: [shim, "-namespace", "k8s.io", "-id", "x", "-address", "/n/containerd.sock"] },
    { pid: 2, args: [shim, "-namespace", "moby", "-id", "y", "-address", "/run/containerd/containerd.sock"] },
    { pid: 3, args: ["/usr/bin/vi", "-address", "/n/containerd.sock"] },
  ];
  expect(shimsOf("/n/containerd.sock", seen)).toEqual([1]);
});

test("pod network - the first that the host has no address in", () => {
  expect(freePodNet(["127.0.0.1", "192.168.1.7"])).toBe("10.244");
  expect(freePodNet(["10.244.0.1", "10.245.3.1"])).toBe("10.246");
});

test("nat - every rule is marked as ours", () => {
  for (const { rule } of natRules("10.245")) expect(rule.join(" ")).toContain("--comment slipway-local");
});

test("node - Ready counts from this start on, and without a taint", () => {
  const node = (status: string, heartbeat: string, taints: object[] = []): unknown => ({
    spec: { taints },
    status: { conditions: [{ type: "Ready", status, lastHeartbeatTime: heartbeat }] },
  });
  const start = new Date("2026-01-01T00:00:10.700Z");
  expect(isNodeReady(node("True", "2026-01-01T00:00:10Z"), start)).toBe(true);
  expect(isNodeReady(node("True", "2026-01-01T00:00:09Z"), start)).toBe(false);
  expect(isNodeReady(node("Unknown", "2026-01-01T00:00:11Z"), start)).toBe(false);
  expect(isNodeReady(node("True", "2026-01-01T00:00:11Z", [{ key: "node.kubernetes.io/not-ready" }]), start)).toBe(
    false,
  );
  expect(isNodeReady("not a node", start)).toBe(false);
});
