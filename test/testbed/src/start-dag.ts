import type { WorkflowHandleWithFirstExecutionRunId } from "@temporalio/client";
import type { Fleet } from "./fleet.ts";

/** Starts the run `dag/<dag>/<run>` as any program would, with the plain Temporal client; its pods go to the fleet's namespace. */
export async function startDag(
  { temporal, installation, namespace }: Pick<Fleet, "temporal" | "installation" | "namespace">,
  dag: string,
  run: string,
  body: Readonly<Record<string, unknown>>,
): Promise<WorkflowHandleWithFirstExecutionRunId> {
  return await temporal.workflow.start("runDag", {
    taskQueue: installation,
    workflowId: `dag/${dag}/${run}`,
    args: [{ dag: { dag, defaults: { namespace }, ...body } }],
  });
}
