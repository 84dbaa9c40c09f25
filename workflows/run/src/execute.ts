import { type Chain, type Json, readPoolNews, type RunReport } from "@slipway/dag";
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  log,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from "@temporalio/workflow";
import { prepareRun, requestCancel } from "./activities.ts";
import { poolNews } from "./keep-pool.ts";
import type { PoolNews } from "./pool-ports.ts";
import { QueuedRun } from "./queued-run.ts";
import type { Carried, PreparedRun, RunDagInput } from "./ports.ts";
import type { runDag } from "./workflows.ts";
import { type Ended, tellHowItGoesOn } from "./rerun.ts";
import { Run } from "./run.ts";
import { SEARCH_ATTRIBUTES } from "./search-attributes.ts";
import { type Controllable, takeControls } from "./updates.ts";

/** `{ state, tasks, outputs }` at any time, also after the end while history is kept. */
export const stateQuery = defineQuery<RunReport>("state");

/** Later hops live on what is carried; the first input may be a megabyte. */
const NO_INPUT: RunDagInput = { dag: {} };

const PREPARING: RunReport = { state: "queued", tasks: {}, outputs: {} };

/** runDag and runPod are one code: prepare, run to the end, close as the verdict says. */
export async function executeRun(
  workflowType: "runDag" | "runPod",
  input: Json,
  carried: Carried | undefined,
): Promise<RunReport> {
  const { workflowId, firstExecutionRunId, startTime } = workflowInfo();
  const chain: Chain = { workflowId, firstExecutionRunId };
  let report = (): RunReport => PREPARING;
  let controlled: Controllable | undefined;
  const early: PoolNews[] = [];
  let ended: () => Ended | undefined = () => undefined;
  let hear = (news: PoolNews): void => void early.push(news);
  const read = (news: unknown): void => {
    const known = readPoolNews(news);
    if (known !== undefined) hear(known);
  };
  setHandler(poolNews, read, { description: "what a pool says: its place, or that it has its turn" });
  setHandler(stateQuery, () => report(), { description: "the run and its tasks" });
  takeControls(() => controlled);
  tellHowItGoesOn(workflowId, () => ended());
  refuseRepeats();
  const toPrepare = { workflowType, input, chain, startTime: startTime.toISOString() };
  const prepared =
    carried?.prepared ?? (await CancellationScope.nonCancellable(() => prepareRun(toPrepare)).catch(refused));
  const attend = (whom: QueuedRun | Run): void => {
    report = () => whom.report;
    hear = (news) => whom.hear(news);
    for (const news of early.splice(0)) hear(news);
    cancelWithWorkflow(whom);
  };
  const isQueued = carried === undefined && prepared.queued !== undefined;
  let over: Carried | undefined;
  if (isQueued) {
    tag(prepared, "queued", true);
    const queued = new QueuedRun(prepared, chain);
    attend(queued);
    controlled = queued;
    over = await CancellationScope.nonCancellable(() => queued.turn());
  }
  // A resumed run starts its attempts and delays here: a cancel is its own to carry out, and must not break off a timer.
  const run = await CancellationScope.nonCancellable(async () => new Run(prepared, chain, carried ?? over));
  attend(run);
  controlled = withTag(run, prepared);
  ended = run.ended;
  const root = CancellationScope.current();
  return await CancellationScope.nonCancellable(async () => {
    // Only the execution that was asked to cancel can close as cancelled.
    const mayHop = isQueued && over === undefined && !root.consideredCancelled;
    const begins = mayHop ? run.begins : undefined;
    if (begins !== undefined) return await hop(begins);
    if (carried === undefined && !isQueued) tag(prepared, "running", true);
    else if (carried?.begunMs === undefined && over === undefined) tag(prepared, "running");
    const end = await endOf(run);
    if ("hop" in end) return await hop(end);
    tag(prepared, end.state);
    if (end.state === "cancelled") await closeAsCancelled(root.consideredCancelled);
    // runPod's one task is the whole story: its outcome comes first.
    const details = workflowType === "runPod" && run.cause !== undefined ? [run.cause, end] : [end];
    return close(end, run.failure, details);
  });
}

/** Who has asked for something is told so before the run closes. */
async function endOf(run: Run): ReturnType<Run["toEnd"]> {
  const end = await run.toEnd();
  await condition(allHandlersFinished);
  return end;
}

async function hop(carried: Carried): Promise<never> {
  await condition(allHandlersFinished);
  return await continueAsNew<typeof runDag>(NO_INPUT, carried);
}

/** A refused input fails the run itself, as `InvalidDag`, not as an activity's failure with a cause. */
function refused(error: unknown): never {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure)) throw error;
  const { type, message, details } = cause;
  throw ApplicationFailure.create({ nonRetryable: true, message, ...(type && { type }), ...(details && { details }) });
}

/** Temporal's Cancel ends a run as the update `cancel` does; the run itself closes only after its pods are gone. */
function cancelWithWorkflow(run: Pick<Run, "cancel">): void {
  if (CancellationScope.current().consideredCancelled) run.cancel("the run was cancelled");
  CancellationScope.current().cancelRequested.catch(() => run.cancel("the run was cancelled"));
}

function close(report: RunReport, failure: string | undefined, details: unknown[]): RunReport {
  switch (report.state) {
    case "failed":
      throw ApplicationFailure.create({
        type: "DagFailed",
        nonRetryable: true,
        message: failure ?? "the run failed",
        details,
      });
    case "cancelled":
      throw new CancelledFailure("the run was cancelled", details);
    default:
      return report;
  }
}

/**
 * A workflow closes as Cancelled only where Temporal was asked to cancel it. One that was cancelled by our own update asks for
 * that itself; where it cannot, the run closes as failed, with the same report.
 */
async function closeAsCancelled(isRequested: boolean): Promise<void> {
  if (isRequested) return;
  await requestCancel().catch((error: unknown) => log.warn("Temporal was not told of the cancel", { error }));
}

/** SlipwayState says whether the run is paused: lists of runs show it. */
function withTag(run: Run, prepared: PreparedRun): Controllable {
  return {
    refusal: (control) => run.refusal(control),
    setParams: (what, dryRun) => run.setParams(what, dryRun),
    control: (control, dryRun) => {
      const done = run.control(control, dryRun);
      const pauses = control.kind === "pause" || control.kind === "resume";
      if (pauses && !dryRun) tag(prepared, done.state);
      return done;
    },
  };
}

/** A second start under the same chain would repeat pod names. */
function refuseRepeats(): void {
  const { cronSchedule, retryPolicy } = workflowInfo();
  const culprit = cronSchedule ? "a cron schedule" : retryPolicy === undefined ? undefined : "a workflow retry policy";
  if (culprit === undefined) return;
  const message = `a run cannot be started with ${culprit}: it would repeat the names of pods; use the DAG's schedule and retries instead`;
  throw ApplicationFailure.create({ type: "InvalidStart", nonRetryable: true, message });
}

function tag({ searchAttributes, compiled }: PreparedRun, state: RunReport["state"], isFirst = false): void {
  if (!searchAttributes) return;
  const start = { key: SEARCH_ATTRIBUTES.state, value: state };
  const first = [
    { key: SEARCH_ATTRIBUTES.dag, value: compiled.dag },
    { key: SEARCH_ATTRIBUTES.runType, value: "manual" },
    { key: SEARCH_ATTRIBUTES.logicalDate, value: workflowInfo().startTime },
  ];
  upsertSearchAttributes(isFirst ? [start, ...first] : [start]);
}
