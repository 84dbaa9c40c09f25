import { installationNames, isPoolKind, type PoolRef, poolWorkflowId } from "@slipway/dag";
import { z } from "zod";
import type { TemporalLink } from "./temporal-link.ts";

const Claimed = z.object({
  dag: z.string(),
  run: z.string(),
  task: z.string().exactOptional(),
  index: z.number().exactOptional(),
  slots: z.number(),
  since: z.string(),
});

const View = z.object({
  slots: z.number(),
  used: z.number(),
  waiting: z.number(),
  holders: z.array(Claimed),
  queue: z.array(Claimed),
  oldestWait: z.string().exactOptional(),
});

/** A pool as it is now. `holders` and `queue` name the first 500 each; `queue` is in the order in which it is served. */
export type PoolSummary = PoolRef & z.infer<typeof View>;

/** Milliseconds for a worker to answer the query. */
const QUERY_MS = 5_000;
const POOLS = 1_000;

/**
 * The pools of an installation, and of its mutexes and DAGs those that somebody uses. A pool is known from the first worker on that
 * declares it; the list lags some hundred milliseconds behind.
 * @throws SlipwayError `server-unreachable` where a worker or the server does not answer
 */
export async function listPools(link: TemporalLink, installation: string): Promise<PoolSummary[]> {
  const { taskQueue } = installationNames(installation);
  const query = `WorkflowType = 'keepPool' AND TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running'`;
  const pools: PoolRef[] = [];
  await link.call(async () => {
    for await (const { workflowId } of link.client.workflow.list({ query, pageSize: POOLS })) {
      pools.push(...poolOf(installation, workflowId));
      if (pools.length >= POOLS) break;
    }
  });
  const found = await Promise.all(pools.map(async (pool) => await viewOf(link, installation, pool)));
  const shown = found.flat().filter(({ kind, used, waiting }) => kind === "pool" || used + waiting > 0);
  return shown.sort((a, b) => rank(a).localeCompare(rank(b)));
}

function rank({ kind, name }: PoolRef): string {
  return `${kind === "pool" ? 0 : kind} ${name}`;
}

function poolOf(installation: string, workflowId: string): PoolRef[] {
  const [kind = "", , ...rest] = workflowId.split("/");
  const name = rest.join("/");
  return isPoolKind(kind) && workflowId === poolWorkflowId(installation, { kind, name }) ? [{ kind, name }] : [];
}

/** None where it has ended meanwhile. */
async function viewOf(link: TemporalLink, installation: string, pool: PoolRef): Promise<PoolSummary[]> {
  const handle = link.client.workflow.getHandle(poolWorkflowId(installation, pool));
  const view = View.safeParse(await link.call(() => handle.query("pool"), { timeoutMs: QUERY_MS }));
  return view.success ? [{ ...pool, ...view.data }] : [];
}
