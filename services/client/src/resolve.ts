import { type DagName, isDagName, isJsonObject, problem, RUN_POD_DAG, SlipwayError } from "@slipway/dag";
import { firstInput } from "./history.ts";
import { listRuns, type RunSummary, summaryOfExecution } from "./list.ts";
import { asDag, readRunName, type RunRef, runOf } from "./run-ref.ts";
import { isNotFound, type TemporalLink } from "./temporal-link.ts";

/** How many of the newest runs a prefix is compared with. */
const PREFIX_WINDOW = 1000;

/**
 * Finds the run that a person names. @throws SlipwayError `run-not-found`, `run-ambiguous`
 */
export async function resolveRun(link: TemporalLink, installation: string, name: string): Promise<RunRef> {
  const wanted = readRunName(name);
  if (wanted.kind === "latest") return locate(link, await latest(link, installation));
  for (const workflowId of wanted.workflowIds) {
    const found = await describeRun(link, workflowId);
    if (found !== undefined) return locate(link, found);
  }
  const runs = await listRuns(link, installation, { limit: PREFIX_WINDOW });
  return locate(link, pickByPrefix(runs, wanted.text));
}

/** A run as the server knows it now (not visibility, so it is never behind); undefined where there is none. */
export async function describeRun(link: TemporalLink, workflowId: string): Promise<RunSummary | undefined> {
  try {
    const info = await link.call(() => link.client.workflow.getHandle(workflowId).describe());
    return summaryOfExecution(info, info.raw.workflowExecutionInfo?.firstRunId);
  } catch (error) {
    if (isNotFound(error) || (error instanceof Error && error.name === "WorkflowNotFoundError")) return undefined;
    throw error;
  }
}

/** An exact run id wins over a prefix, so no run hides behind a longer id. Equal ids of two DAGs are ambiguous. */
export function pickByPrefix(runs: readonly RunSummary[], text: string): RunSummary {
  const exact = runs.filter(({ run }) => run === text);
  const matches = exact.length > 0 ? exact : runs.filter((run) => namesOf(run).some((id) => id.startsWith(text)));
  const [first, ...others] = matches;
  if (first === undefined) throw notFound(`no run is called ${JSON.stringify(text)}`);
  if (others.length === 0) return first;
  const some = matches.slice(0, 5).map(({ workflowId }) => workflowId);
  const more = matches.length > some.length ? ` and ${matches.length - some.length} more` : "";
  throw new SlipwayError([
    problem("run-ambiguous", `${JSON.stringify(text)} may be ${matches.length} runs: ${some.join(", ")}${more}`),
  ]);
}

function namesOf({ run, dag, workflowId }: RunSummary): string[] {
  return [run, workflowId, ...(dag === undefined ? [] : [`${dag}/${run}`])];
}

function notFound(what: string): SlipwayError {
  return new SlipwayError([problem("run-not-found", what)]);
}

/**
 * The run that started last. Visibility answers open runs first and closed ones by their end, so a full page
 * is asked again for what started later than its best, until a page is not full.
 */
async function latest(link: TemporalLink, installation: string): Promise<RunSummary> {
  const page = 100;
  let best: RunSummary | undefined;
  for (let round = 0; round < 20; round += 1) {
    const after = best === undefined ? {} : { startedAfter: best.startedAt };
    const runs = await listRuns(link, installation, { limit: page, ...after });
    best = runs[0] ?? best;
    if (runs.length < page) break;
  }
  if (best === undefined) throw notFound("there is no run yet");
  return best;
}

/** Completes what names the run in NATS: a workflow id that a plain client chose does not say which DAG it runs. */
async function locate(link: TemporalLink, found: RunSummary): Promise<RunRef> {
  const { workflowId, temporalRunId } = found;
  const firstExecutionRunId =
    found.firstExecutionRunId ?? (await describeRun(link, workflowId))?.firstExecutionRunId ?? temporalRunId;
  const dag =
    found.dag ??
    (found.type === "runPod" ? asDag(RUN_POD_DAG) : await dagOfInput(link, workflowId, firstExecutionRunId));
  return { workflowId, temporalRunId, firstExecutionRunId, dag, run: runOf(workflowId, dag) };
}

async function dagOfInput(link: TemporalLink, workflowId: string, firstExecutionRunId: string): Promise<DagName> {
  const input = await firstInput(link, workflowId, firstExecutionRunId);
  const document = isJsonObject(input) ? input["dag"] : undefined;
  const dag = isJsonObject(document) ? document["dag"] : undefined;
  if (typeof dag === "string" && isDagName(dag)) return dag;
  throw notFound(`${workflowId} is not a run: its input names no DAG`);
}
