import {
  installationNames,
  isDagName,
  isJsonObject,
  type JsonObject,
  problem,
  type RunId,
  SlipwayError,
} from "@slipway/dag";
import type { RunDagInput } from "@slipway/run";
import { WorkflowExecutionAlreadyStartedError } from "@temporalio/client";
import { newRunId } from "./run-id.ts";
import { type RunRef, runOf, workflowIdFor } from "./run-ref.ts";
import type { TemporalLink } from "./temporal-link.ts";

export interface StartRun {
  /** The DAG as JSON, short forms allowed (dag-format.md); `dag` gives its name. */
  readonly dag: JsonObject;
  readonly params?: JsonObject;
  /** Default: a new random one. Without `/`, ≤ 900 characters. */
  readonly runId?: string;
}

/**
 * Starts workflow `runDag` under `dag/<dag>/<run>`. An id that is or was in use is refused (`run-exists`):
 * a run id never means two runs. The DAG itself is checked by the run's first step.
 */
export async function startRun(link: TemporalLink, installation: string, input: StartRun): Promise<RunRef> {
  const { dag } = input.dag;
  if (typeof dag !== "string" || !isDagName(dag)) {
    throw new SlipwayError([
      problem("usage", "the DAG has no valid name", { fix: "dag: my_dag   (a letter, then letters, digits, _ or -)" }),
    ]);
  }
  const workflowId = workflowIdFor(dag, input.runId ?? newRunId());
  const run = runOf(workflowId, dag);
  const argument: RunDagInput = { dag: input.dag, ...(input.params && { params: input.params }) };
  const handle = await link
    .call(() =>
      link.client.workflow.start("runDag", {
        workflowId,
        taskQueue: installationNames(installation).taskQueue,
        args: [argument],
        workflowIdReusePolicy: "REJECT_DUPLICATE",
        workflowIdConflictPolicy: "FAIL",
        staticSummary: summaryOf(dag, input.dag),
        staticDetails: detailsOf(installation, dag, run, input.dag),
      }),
    )
    .catch((error: unknown) => {
      throw error instanceof WorkflowExecutionAlreadyStartedError ? alreadyThere(workflowId, error) : error;
    });
  const { firstExecutionRunId } = handle;
  return { workflowId, temporalRunId: firstExecutionRunId, firstExecutionRunId, dag, run };
}

function alreadyThere(workflowId: string, cause: Error): SlipwayError {
  return new SlipwayError([problem("run-exists", `there is already a run ${workflowId}`)], { cause });
}

/** One line for the Temporal Web UI; the server takes ≤ 200 bytes. */
export function summaryOf(dag: string, document: JsonObject): string {
  const tasks = isJsonObject(document["tasks"]) ? Object.keys(document["tasks"]).length : 0;
  return `${dag}: ${tasks} task${tasks === 1 ? "" : "s"}`;
}

/** Markdown for the Temporal Web UI; the server takes ≤ 20 kB. Names and commands, never a param's value. */
export function detailsOf(installation: string, dag: string, run: RunId, document: JsonObject): string {
  const { description, owner } = document;
  const said = [description, typeof owner === "string" ? `owner: ${owner}` : undefined];
  const lines = [
    ...said.flatMap((line) => (typeof line === "string" ? [line.slice(0, 4000)] : [])),
    `- report: \`slipway describe ${run}\``,
    `- logs: \`slipway logs ${run} -f\``,
    `- live: \`nats sub '${installation}.log.${dag}.>'\``,
  ];
  return lines.join("\n");
}
