import { isFault } from "./api-error.ts";
import type { PodView } from "./pod-view.ts";
import type { Pods } from "./pods.ts";
import { retrying } from "./retrying.ts";

/** Everywhere, where that is allowed; else in the namespace of tasks that name none. */
export async function listEverywhere(pods: Pods, labelSelector: string): Promise<readonly PodView[]> {
  try {
    return await listed(pods, { labelSelector });
  } catch (error) {
    if (!isFault(error, "refused")) throw error;
    return await listed(pods, { labelSelector, namespace: pods.settings.namespace });
  }
}

async function listed(
  { cluster }: Pods,
  scope: { readonly labelSelector: string; readonly namespace?: string },
): Promise<readonly PodView[]> {
  const found: PodView[] = [];
  for (let next: string | undefined; ; ) {
    const page = await retrying(async () => await cluster.listPods(scope, next));
    found.push(...page.pods);
    if (page.next === undefined) return found;
    ({ next } = page);
  }
}
