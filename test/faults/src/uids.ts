import { KubeConfig, Watch } from "@kubernetes/client-node";
import type { TestStack } from "@slipway/testbed";

/** Which pods there have ever been in some namespaces, whoever made and deleted them: a watch of the test's own. */
export interface PodCensus {
  /** uids of all pods of this task. */
  of(task: string): readonly string[];
  /** Throws where the watch broke: then nothing was counted. */
  close(): void;
}

export async function countPods(
  { kubeconfig, context }: Pick<TestStack, "kubeconfig" | "context">,
  namespaces: readonly string[],
): Promise<PodCensus> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  config.setCurrentContext(context);
  const seen = new Map<string, Set<string>>();
  const watch = new Watch(config);
  let broken: unknown;
  let closed = false;
  const see = (_kind: string, pod: { metadata: { uid: string; labels?: Record<string, string> } }): void => {
    const task = pod.metadata.labels?.["slipway.dev/task"] ?? "";
    seen.set(task, (seen.get(task) ?? new Set()).add(pod.metadata.uid));
  };
  const end = (error: unknown): void => {
    if (!closed) broken = error ?? new Error("the watch ended");
  };
  const watches = await Promise.all(
    namespaces.map(async (namespace) => await watch.watch(`/api/v1/namespaces/${namespace}/pods`, {}, see, end)),
  );
  return {
    of: (task) => [...(seen.get(task) ?? [])],
    close() {
      closed = true;
      for (const one of watches) one.abort();
      if (broken !== undefined) throw new Error("the pods were not counted to the end", { cause: broken });
    },
  };
}
