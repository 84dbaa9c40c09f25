/** Kubernetes quantities. */
export interface Capacity {
  readonly cpu?: string;
  readonly pods?: string;
}

/** A node as its kubelet would register it; kwok answers for it on `port` and renews its lease. */
export function simulatedNode(name: string, port: number, { cpu = "1000", pods = "10000" }: Capacity): object {
  const resources = { cpu, memory: "1Ti", pods };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "kubernetes.io/hostname": name } },
    status: {
      allocatable: resources,
      capacity: resources,
      addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
      conditions: [{ type: "Ready", status: "True", reason: "KubeletReady" }],
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
    },
  };
}
