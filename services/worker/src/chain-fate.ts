import type { Chain } from "@slipway/dag";
import proto from "@temporalio/proto";
import type { NativeConnection } from "@temporalio/worker";
import { isNotFound } from "./not-found.ts";
import { namespaceId } from "./temporal.ts";

/**
 * What became of a chain whose activity Temporal no longer knows. `closed`: it ended, or another chain has its workflow id,
 * or there is none: nobody waits for its pods. `moved`: a later hop goes on with its attempts. `open`: it runs where it ran.
 * `unknown`: the server did not say; any doubt means leave.
 */
export type ChainFate =
  | { readonly kind: "closed"; readonly how: string }
  | { readonly kind: "open" | "moved" | "unknown" };

const CALL_MS = 5_000;

/** Asks by workflow id, never by a list. `temporalRunId` is the hop that asks; who is
 * none (the reaper) is told `moved` of each open run. Never rejects. */
export async function chainFate(
  connection: NativeConnection,
  namespace: { readonly name: string; readonly id: string },
  { workflowId, firstExecutionRunId }: Chain,
  temporalRunId?: string,
): Promise<ChainFate> {
  try {
    const answer = await connection.withDeadline(Date.now() + CALL_MS, () =>
      connection.workflowService.describeWorkflowExecution({ namespace: namespace.name, execution: { workflowId } }),
    );
    const { firstRunId, status, execution } = answer.workflowExecutionInfo ?? {};
    if (!firstRunId || !status) return { kind: "unknown" };
    if (firstRunId !== firstExecutionRunId) return { kind: "closed", how: "replaced by another run of the same id" };
    const { WORKFLOW_EXECUTION_STATUS_RUNNING } = proto.temporal.api.enums.v1.WorkflowExecutionStatus;
    if (status !== WORKFLOW_EXECUTION_STATUS_RUNNING) return { kind: "closed", how: statusName(status) };
    return { kind: execution?.runId === temporalRunId ? "open" : "moved" };
  } catch (error) {
    const isGone = isNotFound(error) && (await isSameNamespace(connection, namespace));
    return isGone ? { kind: "closed", how: "deleted" } : { kind: "unknown" };
  }
}

/** `WORKFLOW_EXECUTION_STATUS_TERMINATED` → `terminated` */
function statusName(status: number): string {
  const name = proto.temporal.api.enums.v1.WorkflowExecutionStatus[status] ?? "";
  return name.replace("WORKFLOW_EXECUTION_STATUS_", "").toLowerCase().replaceAll("_", " ");
}

/** Another server, or one whose data was lost, knows none of our workflows: that is no reason to end pods. */
async function isSameNamespace(
  connection: NativeConnection,
  { name, id }: { name: string; id: string },
): Promise<boolean> {
  return await namespaceId(connection, name).then(
    (found) => found === id,
    () => false,
  );
}
