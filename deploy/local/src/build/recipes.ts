/** One pinned server: a folder under ../../servers with its go.mod and go.sum, and the programs built from it. */
export interface Recipe {
  readonly version: string;
  /** Program name → its Go package. */
  readonly programs: Readonly<Record<string, string>>;
  /** Extra `-X` settings of the linker. */
  readonly stamp?: readonly string[];
  /** Disk that a cold build takes, in MB: sources, Go's build cache, programs. Measured. */
  readonly needMb: number;
}

const k8s = "k8s.io/kubernetes/cmd";
const containerd = "github.com/containerd/containerd/v2/cmd";
const kubeVersion = "k8s.io/component-base/version";

/** Everything the local stack runs. Versions stand in the go.mod files too; a test compares them. */
export const recipes = {
  "temporal-server": {
    version: "1.32.0",
    programs: { "temporal-server": "go.temporal.io/server/cmd/server" },
    needMb: 3900,
  },
  "temporal-ui": {
    version: "2.54.1",
    programs: { "temporal-ui-server": "github.com/temporalio/ui-server/v2/cmd/server" },
    needMb: 250,
  },
  "nats-server": { version: "2.15.2", programs: { "nats-server": "github.com/nats-io/nats-server/v2" }, needMb: 250 },
  "nats-cli": { version: "0.5.1", programs: { nats: "github.com/nats-io/natscli/nats" }, needMb: 500 },
  kubernetes: {
    version: "1.36.3",
    programs: {
      "kube-apiserver": `${k8s}/kube-apiserver`,
      "kube-controller-manager": `${k8s}/kube-controller-manager`,
      "kube-scheduler": `${k8s}/kube-scheduler`,
      kubectl: `${k8s}/kubectl`,
      kubelet: `${k8s}/kubelet`,
    },
    stamp: [`${kubeVersion}.gitVersion=v1.36.3`, `${kubeVersion}.gitMajor=1`, `${kubeVersion}.gitMinor=36`],
    needMb: 4200,
  },
  etcd: { version: "3.6.5", programs: { etcd: "go.etcd.io/etcd/server/v3" }, needMb: 500 },
  containerd: {
    version: "2.2.0",
    programs: {
      containerd: `${containerd}/containerd`,
      "containerd-shim-runc-v2": `${containerd}/containerd-shim-runc-v2`,
      ctr: `${containerd}/ctr`,
    },
    stamp: ["github.com/containerd/containerd/v2/version.Version=v2.2.0"],
    needMb: 1000,
  },
  crane: { version: "0.22.1", programs: { crane: "github.com/google/go-containerregistry/cmd/crane" }, needMb: 150 },
  /** Simulated nodes for tests; nothing of `up` asks for it. */
  kwok: { version: "0.8.0", programs: { kwok: "sigs.k8s.io/kwok/cmd/kwok" }, needMb: 1500 },
  /** For tests of rotated logs; nothing of `up` asks for it. */
  "reopen-log": { version: "0.36.3", programs: { "reopen-log": "slipway.local/servers/reopen-log" }, needMb: 200 },
  pause: { version: "1", programs: { pause: "slipway.local/servers/pause" }, needMb: 20 },
} as const satisfies Readonly<Record<string, Recipe>>;

export type ServerName = keyof typeof recipes;
