import { type DagName, installationNames, isDagName, type RunId, type RunReport } from "@slipway/dag";
import type { WorkflowExecutionInfo, WorkflowExecutionStatusName } from "@temporalio/client";
import { dagOfWorkflowId, runOf } from "./run-ref.ts";
import type { TemporalLink } from "./temporal-link.ts";

/** One run as Temporal's visibility store knows it (a few hundred milliseconds behind the run itself). */
export interface RunSummary {
  readonly workflowId: string;
  readonly temporalRunId: string;
  /** Absent where the server did not say: older ones leave it out of a list. */
  readonly firstExecutionRunId?: string;
  /** Absent where a plain client chose the workflow id and the search attribute SlipwayDag is not there. */
  readonly dag?: DagName;
  readonly run: RunId;
  readonly type: string;
  readonly state: RunReport["state"];
  /** Set where Temporal itself ended the run: nothing of ours had the last word. */
  readonly endedBy?: "terminated" | "timed_out";
  readonly startedAt: Date;
  readonly closedAt?: Date;
}

export interface RunFilter {
  readonly dag?: string;
  readonly state?: RunReport["state"];
  readonly startedAfter?: Date;
  /** Default 100, at most 1,000. */
  readonly limit?: number;
}

const MAX_LIMIT = 1000;

/** Newest first. Works with and without the Slipway search attributes: it asks only for Temporal's own. */
export async function listRuns(
  link: TemporalLink,
  installation: string,
  filter: RunFilter = {},
): Promise<RunSummary[]> {
  const limit = Math.min(filter.limit ?? 100, MAX_LIMIT);
  const runs: RunSummary[] = [];
  await link.call(async () => {
    for await (const info of link.client.workflow.list({ query: queryOf(installation, filter), pageSize: limit })) {
      const run = summaryOfExecution(info, info.raw.firstRunId);
      const isOpen = filter.state === "paused" || filter.state === "queued";
      if ((!isOpen || run.state === filter.state) && (filter.dag === undefined || run.dag === filter.dag))
        runs.push(run);
      if (runs.length >= limit) break;
    }
  });
  return runs.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
}

/** The visibility query (https://docs.temporal.io/list-filter). A hop of continue-as-new is no run of its own. */
export function queryOf(installation: string, filter: RunFilter): string {
  const { taskQueue } = installationNames(installation);
  const parts = [
    "WorkflowType IN ('runDag', 'runPod')",
    `TaskQueue = '${taskQueue}'`,
    "ExecutionStatus != 'ContinuedAsNew'",
    ...(filter.state === undefined ? [] : [statusFilter(filter.state)]),
    ...(filter.startedAfter === undefined ? [] : [`StartTime > '${filter.startedAfter.toISOString()}'`]),
  ];
  return parts.join(" AND ");
}

function statusFilter(state: RunReport["state"]): string {
  switch (state) {
    case "queued":
    case "running":
    case "paused":
      return "ExecutionStatus = 'Running'";
    case "succeeded":
      return "ExecutionStatus = 'Completed'";
    case "failed":
      return "ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut')";
    case "cancelled":
      return "ExecutionStatus = 'Canceled'";
  }
}

/** The state of a run as its execution status gives it; a terminated or timed-out workflow is a failed run. */
export function stateOfStatus(name: WorkflowExecutionStatusName): Pick<RunSummary, "state" | "endedBy"> {
  switch (name) {
    case "COMPLETED":
      return { state: "succeeded" };
    case "FAILED":
      return { state: "failed" };
    case "CANCELLED":
      return { state: "cancelled" };
    case "TERMINATED":
      return { state: "failed", endedBy: "terminated" };
    case "TIMED_OUT":
      return { state: "failed", endedBy: "timed_out" };
    default:
      return { state: "running" };
  }
}

export function summaryOfExecution(info: Omit<WorkflowExecutionInfo, "raw">, first?: string | null): RunSummary {
  const { workflowId, runId, type, startTime, closeTime, status } = info;
  const dag = dagOfWorkflowId(workflowId) ?? dagAttribute(info.searchAttributes["SlipwayDag"]);
  return {
    workflowId,
    temporalRunId: runId,
    ...(first && { firstExecutionRunId: first }),
    ...(dag && { dag }),
    run: runOf(workflowId, dag),
    type,
    ...stateOfStatus(status.name),
    ...(status.name === "RUNNING" && ownState(info.searchAttributes["SlipwayState"]?.[0])),
    startedAt: startTime,
    ...(closeTime && { closedAt: closeTime }),
  };
}

/** What Temporal calls running may be something else to us. */
function ownState(said: unknown): Partial<Pick<RunSummary, "state">> {
  return said === "paused" || said === "queued" ? { state: said } : {};
}

function dagAttribute(values: readonly unknown[] | undefined): DagName | undefined {
  const [dag] = values ?? [];
  return typeof dag === "string" && isDagName(dag) ? dag : undefined;
}
