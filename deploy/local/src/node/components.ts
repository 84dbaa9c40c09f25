import { join } from "node:path";
import type { NodePaths } from "./paths.ts";
import type { NodeSettings } from "./settings.ts";

export interface Component {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

type Ports = NodeSettings["ports"];

/** The node's processes, in the order of their start. All listen on 127.0.0.1 or on a socket below the node's folder. */
export function components(paths: NodePaths, { ports }: NodeSettings): Component[] {
  return [
    etcd(paths, ports),
    containerd(paths),
    registry(paths, ports),
    // The node is called localhost: logs and exec stay on loopback.
    apiServer(paths, ports, "Hostname"),
    controllerManager(paths, ports),
    scheduler(paths, ports),
    kubelet(paths),
  ];
}

export function etcd(paths: NodePaths, ports: Pick<Ports, "etcd" | "etcdPeer">): Component {
  const pki = (file: string): string => join(paths.pki, file);
  const client = `https://127.0.0.1:${ports.etcd}`;
  const peer = `https://127.0.0.1:${ports.etcdPeer}`;
  return {
    name: "etcd",
    program: "etcd",
    args: [
      "--name=slipway",
      `--data-dir=${paths.etcd}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=slipway=${peer}`,
      `--cert-file=${pki("etcd.crt")}`,
      `--key-file=${pki("etcd.key")}`,
      `--trusted-ca-file=${pki("ca.crt")}`,
      `--peer-cert-file=${pki("etcd.crt")}`,
      `--peer-key-file=${pki("etcd.key")}`,
      `--peer-trusted-ca-file=${pki("ca.crt")}`,
      "--client-cert-auth",
      "--peer-client-cert-auth",
      "--unsafe-no-fsync", // loses nothing when killed, only when the power goes
      "--log-level=warn",
    ],
  };
}

function containerd(paths: NodePaths): Component {
  // Its PATH must hold the shim (ours) and runc (the host's).
  const path = [paths.bin, "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].join(":");
  return {
    name: "containerd",
    program: "containerd",
    args: ["--config", join(paths.config, "containerd.toml")],
    env: { PATH: path },
  };
}

function registry(paths: NodePaths, ports: Pick<Ports, "registry">): Component {
  const args = ["registry", "serve", "--address", `127.0.0.1:${ports.registry}`, "--disk", paths.registry];
  return { name: "registry", program: "crane", args };
}

/** `kubelets`: which of a node's addresses is asked for logs. */
export function apiServer(
  paths: NodePaths,
  ports: Pick<Ports, "etcd" | "api">,
  kubelets: "Hostname" | "InternalIP",
): Component {
  const pki = (file: string): string => join(paths.pki, file);
  return {
    name: "kube-apiserver",
    program: "kube-apiserver",
    args: [
      `--etcd-servers=https://127.0.0.1:${ports.etcd}`,
      `--etcd-cafile=${pki("ca.crt")}`,
      `--etcd-certfile=${pki("etcd.crt")}`,
      `--etcd-keyfile=${pki("etcd.key")}`,
      "--bind-address=127.0.0.1",
      "--advertise-address=127.0.0.1",
      `--secure-port=${ports.api}`,
      "--service-cluster-ip-range=10.96.0.0/16",
      "--authorization-mode=Node,RBAC",
      "--anonymous-auth=false",
      `--client-ca-file=${pki("ca.crt")}`,
      `--tls-cert-file=${pki("apiserver.crt")}`,
      `--tls-private-key-file=${pki("apiserver.key")}`,
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${pki("sa.pub")}`,
      `--service-account-signing-key-file=${pki("sa.key")}`,
      `--kubelet-client-certificate=${pki("apiserver-kubelet.crt")}`,
      `--kubelet-client-key=${pki("apiserver-kubelet.key")}`,
      `--kubelet-preferred-address-types=${kubelets}`,
      "--allow-privileged=true",
      "--endpoint-reconciler-type=none",
      "--profiling=false",
    ],
  };
}

const leaderless = ["--leader-elect=false", "--bind-address=127.0.0.1", "--profiling=false"];
const kubeconfig = (paths: NodePaths, user: string): string =>
  `--kubeconfig=${join(paths.config, `${user}.kubeconfig`)}`;

export function controllerManager(paths: NodePaths, ports: Pick<Ports, "controllers">): Component {
  return {
    name: "kube-controller-manager",
    program: "kube-controller-manager",
    args: [
      kubeconfig(paths, "controllers"),
      ...leaderless,
      `--secure-port=${ports.controllers}`,
      `--service-account-private-key-file=${join(paths.pki, "sa.key")}`,
      `--root-ca-file=${join(paths.pki, "ca.crt")}`,
      "--use-service-account-credentials=true",
    ],
  };
}

export function scheduler(paths: NodePaths, ports: Pick<Ports, "scheduler">): Component {
  const args = [kubeconfig(paths, "scheduler"), ...leaderless, `--secure-port=${ports.scheduler}`];
  return { name: "kube-scheduler", program: "kube-scheduler", args };
}

function kubelet(paths: NodePaths): Component {
  return {
    name: "kubelet",
    program: "kubelet",
    args: [
      `--config=${join(paths.config, "kubelet.json")}`,
      kubeconfig(paths, "kubelet"),
      `--root-dir=${paths.kubelet}`,
      `--cert-dir=${join(paths.kubelet, "pki")}`,
      "--hostname-override=localhost",
    ],
  };
}
