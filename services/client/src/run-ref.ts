import {
  type DagName,
  isDagName,
  isRunId,
  problem,
  RUN_POD_DAG,
  type RunId,
  runIdOf,
  SlipwayError,
  workflowIdOf,
} from "@slipway/dag";

/** A run, found: everything that names it in Temporal and in NATS. */
export interface RunRef {
  readonly workflowId: string;
  /** The newest execution of the chain. */
  readonly temporalRunId: string;
  /** The first execution of the chain: it tells this run from a later one under the same workflow id. */
  readonly firstExecutionRunId: string;
  readonly dag: DagName;
  readonly run: RunId;
}

/** How a run is named by a person: `@latest`, a whole workflow id, `<dag>/<run>`, a run id or the beginning of one. */
export type RunName =
  | { readonly kind: "latest" }
  | { readonly kind: "text"; readonly text: string; readonly workflowIds: readonly string[] };

export const LATEST = "@latest";

/** `workflowIds` are the ids that the text may be as it stands, most likely first; a prefix is looked for after them. */
export function readRunName(text: string): RunName {
  if (text === LATEST) return { kind: "latest" };
  const [dag, run, ...rest] = text.split("/");
  const short = dag !== undefined && run !== undefined && rest.length === 0 ? [`dag/${dag}/${run}`] : [];
  return { kind: "text", text, workflowIds: [...short, text] };
}

/** The `<dag>` of a workflow id of our own form, `dag/<dag>/<run>`. */
export function dagOfWorkflowId(workflowId: string): DagName | undefined {
  const [head, dag, run, ...rest] = workflowId.split("/");
  const ours =
    head === "dag" && dag !== undefined && isDagName(dag) && run !== undefined && run !== "" && rest.length === 0;
  return ours ? dag : undefined;
}

/** What a person types for this run: `<run>` of `dag/<dag>/<run>`, else the whole workflow id. */
export function runOf(workflowId: string, dag: DagName | undefined): RunId {
  return runIdOf(workflowId, dag ?? dagOfWorkflowId(workflowId) ?? asDag(RUN_POD_DAG));
}

export function asDag(text: string): DagName {
  if (!isDagName(text)) throw new RangeError(`not a DAG name: ${JSON.stringify(text.slice(0, 80))}`);
  return text;
}

/** @throws SlipwayError `usage` where the two cannot make a workflow id that reads back as them. */
export function workflowIdFor(dag: DagName, run: string): string {
  const workflowId = workflowIdOf(dag, run);
  if (!isRunId(run) || run.includes("/") || !isRunId(workflowId)) {
    const fix = "at most 900 characters, without /";
    throw new SlipwayError([problem("usage", `${JSON.stringify(run.slice(0, 80))} cannot be a run's id`, { fix })]);
  }
  return workflowId;
}
