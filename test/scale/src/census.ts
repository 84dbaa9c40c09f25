import { CoreV1Api, KubeConfig, Watch } from "@kubernetes/client-node";

/** Pods of one run that there have ever been, whoever made and deleted them: a watch of the test's own. */
export interface PodCensus {
  /** uids of the pods that each task (`task[index]` of an item) had. */
  byUnit(): ReadonlyMap<string, ReadonlySet<string>>;
  /** Throws where the watch broke: then not all were counted. */
  close(): Promise<void>;
}

interface Seen {
  readonly type: string;
  readonly uid: string;
  readonly unit: string;
  readonly version: string;
  readonly status: number | undefined;
}

/**
 * An API server that has much to do closes watches: each goes on where the one before stood, so no pod is missed (what it no
 * longer knows it refuses with 410).
 */
export async function countPods(kubeconfig: string, namespace: string, run: string): Promise<PodCensus> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const labelSelector = `slipway.dev/run=${run}`;
  const { metadata } = await config.makeApiClient(CoreV1Api).listNamespacedPod({ namespace, labelSelector });
  const units = new Map<string, Set<string>>();
  let version = metadata?.resourceVersion ?? "";
  let [closed, broken, abort]: [boolean, unknown, AbortController | undefined] = [false, undefined, undefined];
  const look = (seen: Seen): void => {
    if (seen.status !== undefined) broken = new Error(`the watch was refused: ${seen.status}`);
    version = seen.version || version;
    if (seen.type === "ADDED") units.set(seen.unit, (units.get(seen.unit) ?? new Set()).add(seen.uid));
  };
  const watch = async (): Promise<void> => {
    const query = { labelSelector, resourceVersion: version, allowWatchBookmarks: true };
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const again = (): void =>
      void (closed || broken !== undefined || watch().catch((error: unknown) => (broken = error)));
    abort = await new Watch(config).watch(path, query, (type, pod: unknown) => look(seenOf(type, pod)), again);
    if (closed) abort.abort();
  };
  await watch();
  return {
    byUnit: () => units,
    close: async () => {
      closed = true;
      abort?.abort();
      await Promise.resolve();
      if (broken !== undefined) throw new Error("the pods were not counted to the end", { cause: broken });
    },
  };
}

function seenOf(type: string, pod: unknown): Seen {
  const text = (...path: readonly string[]): string => {
    let at: unknown = pod;
    for (const key of path) at = typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined;
    return typeof at === "string" ? at : "";
  };
  const label = (name: string): string => text("metadata", "labels", `slipway.dev/${name}`);
  const index = label("index");
  const code: unknown =
    type === "ERROR" && typeof pod === "object" && pod !== null ? Reflect.get(pod, "code") : undefined;
  return {
    type,
    uid: text("metadata", "uid"),
    version: text("metadata", "resourceVersion"),
    unit: index === "" ? label("task") : `${label("task")}[${index}]`,
    status: type === "ERROR" ? Number(code ?? 0) : undefined,
  };
}
