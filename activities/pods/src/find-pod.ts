import { isFault } from "./api-error.ts";
import type { PodView } from "./pod-view.ts";
import type { Pods } from "./pods.ts";
import { retrying } from "./retrying.ts";

/** As the API server has it now; undefined where there is none. @throws ApiError where it cannot be asked */
export async function findPod(
  { cluster }: Pods,
  at: { readonly namespace: string; readonly name: string },
): Promise<PodView | undefined> {
  try {
    return await retrying(async () => await cluster.getPod(at.namespace, at.name));
  } catch (error) {
    if (isFault(error, "notFound")) return undefined;
    throw error;
  }
}
