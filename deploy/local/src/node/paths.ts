import { join } from "node:path";

/** The one place of this host's node: every checkout and every user of root finds it there. */
export const nodeRoot = "/var/lib/slipway/node";

/** Where each part of the node keeps its files. Pure: nothing is made. */
export function nodePaths(root: string = nodeRoot) {
  const at = (...parts: string[]): string => join(root, ...parts);
  return {
    root,
    /** Ports, subnet and versions, fixed when the node is made. */
    settings: at("node.json"),
    /** The admin's way in; context `slipway-local`. */
    kubeconfig: at("kubeconfig"),
    lock: at("lock"),
    leases: at("leases"),
    /** Held by a process that needs the node for itself. */
    reservation: at("reservation"),
    /** Hard links of the programs: the node outlives the cache it was built in. */
    bin: at("bin"),
    /** Records of running processes. */
    records: at("run"),
    logs: at("logs"),
    config: at("config"),
    pki: at("pki"),
    etcd: at("etcd"),
    containerdRoot: at("containerd"),
    containerdState: at("state"),
    containerdSocket: at("containerd.sock"),
    /** Bundles of the containers that exist, one folder per container id. */
    bundles: at("state", "io.containerd.runtime.v2.task", "k8s.io"),
    /** runc's own notes about containers; by default it would share /run/containerd with others. */
    runc: at("runc"),
    cni: at("cni"),
    ipam: at("ipam"),
    kubelet: at("kubelet"),
    podLogs: at("podlogs"),
    registry: at("registry"),
    certsD: at("certs.d"),
  };
}

export type NodePaths = ReturnType<typeof nodePaths>;
