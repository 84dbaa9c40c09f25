import {
  beginAgain,
  type EarlierTask,
  type Graph,
  graphOf,
  installationNames,
  isRunId,
  problem,
  type Problem,
  readControl,
  type RerunControl,
  SlipwayError,
} from "@slipway/dag";
import { compileDag, readDagJson } from "@slipway/dag/read";
import type { RerunInput, RunDagInput } from "@slipway/run";
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from "@temporalio/client";
import type { ControlFields } from "./control.ts";
import { decode, fetchHistory, firstInput } from "./history.ts";
import { reportRun } from "./report.ts";
import { type RunRef, runOf } from "./run-ref.ts";
import { detailsOf, summaryOf } from "./start.ts";
import { isNotFound, type TemporalLink } from "./temporal-link.ts";
import { type Controlled, readLogicalDate, readRunDagInput } from "./wire.ts";

/** `run`: the new one; absent in a dry run. `changes`: what runs again. */
export interface Rerun extends Controlled {
  readonly run?: RunRef;
}

/** Reruns of one run that are looked for. */
const RERUNS_AT_MOST = 100;

/**
 * A closed run takes no control: a new run `<id>~2` (`~3`, where that is there) goes on where it ended, with the same DAG, params
 * (those that were set meanwhile too) and date, and reuses what succeeded. @throws SlipwayError `task-state`, `task-not-found`, `bad-control`; `run-exists` while an
 * earlier rerun is open; `run-not-found` where Temporal has forgotten how the run was started
 */
export async function rerun(
  link: TemporalLink,
  installation: string,
  ref: RunRef,
  kind: RerunControl["kind"],
  { dryRun = false, ...fields }: ControlFields = {},
): Promise<Rerun> {
  const { report, run: found } = await reportRun(link, ref);
  if (found.closedAt === undefined)
    throw refused(
      problem("run-closed", `${ref.workflowId} ends, and is not over yet`, {
        fix: "wait until it is: `slipway wait RUN`",
      }),
    );
  const { dag, params: first, logicalDate } = await startOf(link, ref);
  const params = { ...first, ...report.params };
  const control = controlOf(kind, fields);
  const graph = graphFor({ dag, params });
  const tasks = earlier(report.tasks);
  refuse(graph, tasks, control);
  const { again } = beginAgain(graph, "", { of: ref.workflowId, control, tasks });
  if (again.length === 0) throw refused(problem("task-state", `nothing of ${ref.run} failed`, { fix: FIX_CLEAR }));
  const changes = again.map((task) => ({ task, from: tasks[task]?.state ?? "waiting", to: "waiting" as const }));
  if (dryRun) return { state: report.state, changes };
  const { kind: _kind, ...asked } = control;
  const goesOn: RerunInput = { of: ref.workflowId, logicalDate, control: { kind, ...asked }, tasks };
  const run = await startNext(link, installation, ref, { dag, params, rerun: goesOn });
  return { state: "running", changes, run };
}

const FIX_CLEAR = "`slipway clear RUN TASK` runs a task again whatever its state";

/** The reruns of a run that Temporal knows, the oldest first. */
export async function rerunsOf(link: TemporalLink, { workflowId }: RunRef): Promise<readonly string[]> {
  const found: string[] = [];
  for (let n = 2; n <= RERUNS_AT_MOST; n += 1) {
    const id = `${baseOf(workflowId)}~${n}`;
    if (id !== workflowId && (await statusOf(link, id)) === undefined) break;
    if (id !== workflowId) found.push(id);
  }
  return found;
}

/** `dag/x/1` of `dag/x/1~3`: reruns of reruns are counted together. */
function baseOf(workflowId: string): string {
  return workflowId.replace(/~\d+$/, "");
}

async function statusOf(link: TemporalLink, workflowId: string): Promise<string | undefined> {
  const handle = link.client.workflow.getHandle(workflowId);
  try {
    return (await link.call(() => handle.describe())).status.name;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

async function startNext(link: TemporalLink, installation: string, ref: RunRef, input: RunDagInput): Promise<RunRef> {
  for (let n = 2; n <= RERUNS_AT_MOST; n += 1) {
    const workflowId = `${baseOf(ref.workflowId)}~${n}`;
    if (!isRunId(workflowId)) break;
    const status = await statusOf(link, workflowId);
    if (status === "RUNNING" && workflowId !== ref.workflowId) throw refused(stillOpen(workflowId));
    if (status !== undefined) continue;
    const started = await start(link, installation, { ...ref, workflowId }, input);
    if (started !== undefined) return started;
  }
  throw refused(problem("run-exists", `${ref.workflowId} has ${RERUNS_AT_MOST} reruns, or too long an id for one`));
}

function stillOpen(workflowId: string): Problem {
  return problem("run-exists", `${workflowId} goes on from it already, and is open`, { fix: "control that run" });
}

/** Undefined where somebody was faster: then the next number is tried. */
async function start(
  link: TemporalLink,
  installation: string,
  { workflowId, dag }: RunRef,
  input: RunDagInput,
): Promise<RunRef | undefined> {
  const run = runOf(workflowId, dag);
  const options = {
    workflowId,
    taskQueue: installationNames(installation).taskQueue,
    args: [input],
    workflowIdReusePolicy: "REJECT_DUPLICATE",
    workflowIdConflictPolicy: "FAIL",
    staticSummary: summaryOf(dag, input.dag),
    staticDetails: `- goes on from: ${input.rerun?.of}\n${detailsOf(installation, dag, run, input.dag)}`,
  } as const;
  try {
    const { firstExecutionRunId } = await link.call(() => link.client.workflow.start("runDag", options));
    return { workflowId, temporalRunId: firstExecutionRunId, firstExecutionRunId, dag, run };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
    throw error;
  }
}

/** What the run was started with. */
async function startOf(link: TemporalLink, { workflowId, firstExecutionRunId }: RunRef) {
  try {
    const input = readRunDagInput(await firstInput(link, workflowId, firstExecutionRunId));
    const events = input === undefined ? [] : await fetchHistory(link, workflowId, firstExecutionRunId);
    const results = events.map((event) => decode(event.activityTaskCompletedEventAttributes?.result?.payloads?.[0]));
    const logicalDate = results.map(readLogicalDate).find((date) => date !== undefined);
    if (input !== undefined && logicalDate !== undefined) return { ...input, logicalDate };
  } catch (error) {
    if (!isGone(error)) throw error;
    const what = `Temporal has forgotten how ${workflowId} was started, so no run can go on from it`;
    throw refused(problem("run-not-found", what, { fix: "start another: `slipway run PATH`" }));
  }
  const what = `${workflowId} is no run of a DAG that was prepared: no run can go on from it`;
  throw refused(problem("usage", what, { fix: "start another: `slipway run PATH`" }));
}

function controlOf(kind: RerunControl["kind"], fields: ControlFields): RerunControl {
  const read = readControl(kind, fields);
  if (read.kind === "refused") throw refused(read.problem);
  const { control } = read.request;
  if (control.kind === "retry" || control.kind === "clear") return control;
  throw refused(problem("bad-control", `${kind} was not understood`));
}

function graphFor({ dag, params }: RunDagInput): Graph {
  const read = readDagJson(dag);
  const compiled = read.kind === "ok" ? compileDag(read.value, params ?? {}) : read;
  if (compiled.kind === "refused") throw new SlipwayError(compiled.problems);
  return graphOf(compiled.value);
}

type Tasks = Readonly<Record<string, EarlierTask>>;

function earlier(tasks: Tasks): Tasks {
  return Object.fromEntries(
    Object.entries(tasks).map(([name, { state, attempts, reason, outputs }]) => [
      name,
      { state, attempts, ...(reason !== undefined && { reason }), ...(outputs !== undefined && { outputs }) },
    ]),
  );
}

function refuse(graph: Graph, tasks: Tasks, control: RerunControl): void {
  if (control.task === undefined) return;
  if (!graph.has(control.task))
    throw refused(problem("task-not-found", `the run has no task ${JSON.stringify(control.task)}`));
  const state = tasks[control.task]?.state;
  if ("index" in control && control.index !== undefined)
    throw refused(problem("not-yet", "a rerun of one item", { fix: "without --index its task runs again whole" }));
  if (control.kind === "retry" && state !== "failed" && state !== "upstream_failed")
    throw refused(problem("task-state", `${control.task} has not failed: it is ${state}`, { fix: FIX_CLEAR }));
}

function refused(why: Problem): SlipwayError {
  return new SlipwayError([why]);
}

/** Temporal's client says it in two ways. */
function isGone(error: unknown): boolean {
  return isNotFound(error) || error instanceof WorkflowNotFoundError;
}
