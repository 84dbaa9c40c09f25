import { existsSync } from "node:fs";
import type { NodePaths } from "./paths.ts";
import type { NodeSettings } from "./settings.ts";

/** The sandbox image, from the loopback registry like every other. */
export const pauseImage = "slipway.local/pause:1";

export interface ContainerdInput {
  readonly cniFolder: string;
  /** overlayfs cannot lie on overlayfs (a host that is itself a container): "native" copies instead. */
  readonly snapshotter: "overlayfs" | "native";
}

/** containerd's configuration: every path below the node's folder, images of `slipway.local` from the loopback registry. */
export function renderContainerdConfig(paths: NodePaths, input: ContainerdInput): string {
  const text = (value: string): string => JSON.stringify(value);
  return `version = 3
root = ${text(paths.containerdRoot)}
state = ${text(paths.containerdState)}
disabled_plugins = ["io.containerd.nri.v1.nri", "io.containerd.internal.v1.opt"]
[grpc]
  address = ${text(paths.containerdSocket)}
[plugins."io.containerd.cri.v1.images"]
  snapshotter = ${text(input.snapshotter)}
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = ${text(pauseImage)}
[plugins."io.containerd.cri.v1.images".registry]
  config_path = ${text(paths.certsD)}
[plugins."io.containerd.cri.v1.runtime"]
  # Without CAP_SYS_RESOURCE runc dies: "failed to update /proc/self/oom_score_adj".
  restrict_oom_score_adj = true
  # The network namespaces lie below our state folder: unmounting that ends them.
  netns_mounts_under_state_dir = true
[plugins."io.containerd.cri.v1.runtime".cni]
  bin_dirs = [${text(input.cniFolder)}]
  conf_dir = ${text(paths.cni)}
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
  SystemdCgroup = false
  Root = ${text(paths.runc)}
`;
}

/** The pods' network: a veth pair each, addresses kept below the node's folder, no bridge and no rule per pod. */
export function renderCniConfig(paths: NodePaths, podNet: string): string {
  const config = {
    cniVersion: "1.0.0",
    name: cniNetwork,
    plugins: [
      {
        type: "ptp",
        ipMasq: false,
        ipam: {
          type: "host-local",
          dataDir: paths.ipam,
          ranges: [[{ subnet: `${podNet}.0.0/16` }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
    ],
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

/** Names our entries among other networks' in /var/lib/cni. */
export const cniNetwork = "slipway-local";

/** Maps image names `slipway.local/…` to the loopback registry. */
export function renderHostsToml(registryPort: number): string {
  const url = `http://127.0.0.1:${registryPort}`;
  return `server = "${url}"\n[host."${url}"]\n  capabilities = ["pull", "resolve"]\n`;
}

/** The kubelet's settings; each odd one has its reason. JSON is YAML. */
export function renderKubeletConfig(paths: NodePaths, settings: NodeSettings): string {
  const resolved = "/run/systemd/resolve/resolv.conf"; // behind systemd-resolved's stub, which pods cannot reach
  const config = {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    cgroupDriver: "cgroupfs",
    failSwapOn: false,
    failCgroupV1: false, // hosts with cgroup v1; harmless on v2
    containerRuntimeEndpoint: `unix://${paths.containerdSocket}`,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${paths.pki}/ca.crt` },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: `${paths.pki}/kubelet.crt`,
    tlsPrivateKeyFile: `${paths.pki}/kubelet.key`,
    address: "127.0.0.1",
    port: settings.ports.kubelet,
    healthzBindAddress: "127.0.0.1",
    healthzPort: settings.ports.kubeletHealth,
    readOnlyPort: 0,
    maxPods: 500,
    enforceNodeAllocatable: [],
    evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
    imageGCHighThresholdPercent: 100, // never: the images are few, and a full disk of the host is not theirs
    kubeAPIQPS: 100,
    kubeAPIBurst: 200,
    registryPullQPS: 0,
    serializeImagePulls: false,
    containerLogMaxSize: "1Gi", // a rotation while nobody reads is the one way to lose a line
    makeIPTablesUtilChains: false, // there is no kube-proxy to use them
    podLogsDir: paths.podLogs,
    volumePluginDir: `${paths.kubelet}/volume-plugins`,
    ...(existsSync(resolved) ? { resolvConf: resolved } : {}),
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
