import { DEFAULT_CLUSTER, installationNames, podsTaskQueue } from "@slipway/dag";
import type { TemporalLink } from "./temporal-link.ts";

/** temporal.api.enums.v1.TaskQueueType */
const WORKFLOW = 1;
const ACTIVITY = 2;

/**
 * A poll lasts at most 60 s, and the server keeps a poller's name for 5 minutes after its last one:
 * an older one is gone.
 */
const FRESH_MS = 70_000;

/** Who polls one task queue. */
export interface QueuePollers {
  readonly taskQueue: string;
  /** What the queue is for, in words: `workflows`, `activities` (of the installation), `pods`. */
  readonly serves: string;
  readonly workers: readonly { readonly identity: string; readonly lastSeen: Date }[];
}

/**
 * The workers of an installation: its own queue (workflows and activities) and the pods queue of one cluster.
 * `since` leaves out who has not polled after it (by the server's clock).
 */
export async function workersPolling(
  link: TemporalLink,
  installation: string,
  { cluster = DEFAULT_CLUSTER, since = new Date(Date.now() - FRESH_MS) }: { cluster?: string; since?: Date } = {},
): Promise<QueuePollers[]> {
  const { taskQueue } = installationNames(installation);
  return await Promise.all([
    pollersOf(link, { taskQueue, serves: "workflows" }, WORKFLOW, since),
    pollersOf(link, { taskQueue, serves: "activities" }, ACTIVITY, since),
    pollersOf(link, { taskQueue: podsTaskQueue(installation, cluster), serves: "pods" }, ACTIVITY, since),
  ]);
}

/** True where every queue has somebody. */
export function everyQueueServed(queues: readonly QueuePollers[]): boolean {
  return queues.every(({ workers }) => workers.length > 0);
}

async function pollersOf(
  link: TemporalLink,
  queue: Omit<QueuePollers, "workers">,
  taskQueueType: typeof WORKFLOW | typeof ACTIVITY,
  since: Date,
): Promise<QueuePollers> {
  const request = { namespace: link.namespace, taskQueue: { name: queue.taskQueue }, taskQueueType };
  const { pollers } = await link.call(() => link.client.workflowService.describeTaskQueue(request));
  const workers = (pollers ?? []).map(({ identity, lastAccessTime }) => ({
    identity: identity ?? "",
    lastSeen: new Date(Number(lastAccessTime?.seconds ?? 0) * 1000 + Math.floor((lastAccessTime?.nanos ?? 0) / 1e6)),
  }));
  return { ...queue, workers: workers.filter(({ lastSeen }) => lastSeen >= since) };
}
