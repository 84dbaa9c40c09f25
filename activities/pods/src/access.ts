import type { Access, Cluster } from "./cluster.ts";

/** `optional`: without it the worker goes on, and says less. */
type Needed = Omit<Access, "namespace"> & { readonly optional?: true };

/** All that the worker does in a namespace; docs/reference/permissions.md is the Role for it. */
export const NEEDED_ACCESS: readonly Needed[] = [
  ...["create", "get", "list", "watch", "delete", "patch"].map((verb) => ({ verb, resource: "pods" })),
  { verb: "get", resource: "pods", subresource: "log" },
  ...["list", "watch"].map((verb) => ({ verb, resource: "events", optional: true }) as const),
];

export interface ClusterCheck {
  /** `v1.36.3` */
  readonly version: string;
  readonly access: readonly (Access & Needed & { readonly allowed: boolean; readonly reason?: string })[];
}

/**
 * Whether a cluster answers and lets us work in a namespace. It changes nothing there.
 * @throws ApiError where it does not answer
 */
export async function checkCluster(cluster: Cluster, namespace: string): Promise<ClusterCheck> {
  const [version, ...access] = await Promise.all([
    cluster.version(),
    ...NEEDED_ACCESS.map(async (needed) => {
      const wanted = { namespace, ...needed };
      return { ...wanted, ...(await cluster.mayI(wanted)) };
    }),
  ]);
  return { version, access };
}
