import {
  installationNames,
  isJsonObject,
  isRunId,
  type JsonObject,
  problem,
  type Problem,
  readControl,
  type RerunControl,
  SlipwayError,
} from "@slipway/dag";
import type { RerunInput } from "@slipway/run";
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from "@temporalio/client";
import { askClosedRun } from "./closed-run.ts";
import type { ControlFields } from "./control.ts";
import { decode, fetchHistory } from "./history.ts";
import { summaryOfExecution } from "./list.ts";
import { type RunRef, runOf } from "./run-ref.ts";
import { detailsOf, summaryOf } from "./start.ts";
import { isNotFound, type TemporalLink } from "./temporal-link.ts";
import { type Controlled, readLogicalDate } from "./wire.ts";

/** `run`: the new one; absent in a dry run. `changes`: what runs again. */
export interface Rerun extends Controlled {
  readonly run?: RunRef;
}

/** Reruns of one run that are looked for. */
const RERUNS_AT_MOST = 100;

/**
 * A closed run takes no control: a new run `<id>~2` (`~3`, where that is there) goes on where it ended, with the same input, params
 * (those that were set meanwhile too) and date, and reuses what succeeded. @throws SlipwayError the refusal of the closed run
 * (`task-state`, `task-not-found`, `bad-control`, `too-large`); `run-exists` while an earlier rerun is open; `run-not-found` where
 * Temporal has forgotten the run, or how it was started; `no-worker` where no worker answers for it
 */
export async function rerun(
  link: TemporalLink,
  installation: string,
  ref: RunRef,
  kind: RerunControl["kind"],
  { dryRun = false, ...fields }: ControlFields = {},
): Promise<Rerun> {
  const { workflowId } = ref;
  const control = controlOf(kind, fields);
  const temporalRunId = await closedExecution(link, ref);
  const { workflowType, input, logicalDate } = await startOf(link, ref);
  const { params: set, ...answer } = await askClosedRun(link, { workflowId, temporalRunId }, control);
  if (dryRun) return answer;
  const first = isJsonObject(input["params"]) ? input["params"] : {};
  const rerunInput: RerunInput = { of: workflowId, logicalDate, control };
  const next = { ...input, params: { ...first, ...set }, rerun: { ...rerunInput } };
  const run = await startNext(link, installation, ref, { workflowType, input: next });
  return { state: "running", changes: answer.changes, run };
}

/** What the next run is started with. */
interface Start {
  readonly workflowType: "runDag" | "runPod";
  readonly input: JsonObject;
}

async function closedExecution(link: TemporalLink, { workflowId }: RunRef): Promise<string> {
  const info = await known(
    workflowId,
    async () => await link.call(() => link.client.workflow.getHandle(workflowId).describe()),
  );
  const { closedAt, temporalRunId } = summaryOfExecution(info);
  if (closedAt !== undefined) return temporalRunId;
  const fix = "wait until it is: `slipway wait RUN`";
  throw refused(problem("run-closed", `${workflowId} ends, and is not over yet`, { fix }));
}

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

async function startNext(link: TemporalLink, installation: string, ref: RunRef, next: Start): Promise<RunRef> {
  for (let n = 2; n <= RERUNS_AT_MOST; n += 1) {
    const workflowId = `${baseOf(ref.workflowId)}~${n}`;
    if (!isRunId(workflowId)) break;
    const status = await statusOf(link, workflowId);
    if (status === "RUNNING" && workflowId !== ref.workflowId) throw refused(stillOpen(workflowId));
    if (status !== undefined) continue;
    const started = await start(link, installation, { ...ref, workflowId }, next);
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
  { workflowType, input }: Start,
): Promise<RunRef | undefined> {
  const run = runOf(workflowId, dag);
  const document = isJsonObject(input["dag"]) ? input["dag"] : {};
  const options = {
    workflowId,
    taskQueue: installationNames(installation).taskQueue,
    args: [input],
    workflowIdReusePolicy: "REJECT_DUPLICATE",
    workflowIdConflictPolicy: "FAIL",
    staticSummary: summaryOf(dag, document),
    staticDetails: detailsOf(installation, dag, run, document),
  } as const;
  try {
    const { firstExecutionRunId } = await link.call(() => link.client.workflow.start(workflowType, options));
    return { workflowId, temporalRunId: firstExecutionRunId, firstExecutionRunId, dag, run };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
    throw error;
  }
}

/** What the run was started with, and its date. */
async function startOf(link: TemporalLink, { workflowId, firstExecutionRunId }: RunRef) {
  const events = await known(workflowId, async () => await fetchHistory(link, workflowId, firstExecutionRunId));
  const begun = events[0]?.workflowExecutionStartedEventAttributes;
  const input = decode(begun?.input?.payloads?.[0]);
  const workflowType = WORKFLOWS.find((each) => each === begun?.workflowType?.name);
  const results = events.map((event) => decode(event.activityTaskCompletedEventAttributes?.result?.payloads?.[0]));
  const logicalDate = results.map(readLogicalDate).find((date) => date !== undefined);
  if (workflowType !== undefined && isJsonObject(input) && logicalDate !== undefined)
    return { workflowType, input, logicalDate };
  const what = `${workflowId} is no run that was prepared: no run can go on from it`;
  throw refused(problem("usage", what, { fix: START }));
}

const WORKFLOWS = ["runDag", "runPod"] as const;
const START = "start another: `slipway run PATH`";

/** @throws SlipwayError `run-not-found` where Temporal has deleted what is asked for */
async function known<T>(workflowId: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isGone(error)) throw error;
    const what = `Temporal has forgotten ${workflowId}, or how it was started, so no run can go on from it`;
    throw refused(problem("run-not-found", what, { fix: START }));
  }
}

function controlOf(kind: RerunControl["kind"], fields: ControlFields): RerunInput["control"] {
  const read = readControl(kind, fields);
  if (read.kind === "refused") throw refused(read.problem);
  return { ...fields, kind };
}

function refused(why: Problem): SlipwayError {
  return new SlipwayError([why]);
}

/** Temporal's client says it in two ways. */
function isGone(error: unknown): boolean {
  return isNotFound(error) || error instanceof WorkflowNotFoundError;
}
