import { type Json, problem, renderProblem, type RunReport } from "@slipway/dag";
import { ApplicationFailure, workflowInfo } from "@temporalio/workflow";
import { reaperActivity } from "./activities.ts";
import { executeRun } from "./execute.ts";
export { keepPool } from "./keep-pool.ts";
import type { Carried, Reaped, ReapInput, RunDagInput, RunPodWorkflowInput } from "./ports.ts";

/**
 * Runs a DAG of pods.
 * @returns the report of a succeeded run
 * @throws ApplicationFailure `DagFailed` (details[0] is the report), `InvalidDag` (the text of `lint`), `InvalidStart`
 */
export async function runDag(input: RunDagInput, carried?: Carried): Promise<RunReport> {
  return await executeRun("runDag", asJson(input), fromHopBefore(carried));
}

/** Runs one pod: runDag's code on one task. Same result, same failures, but details[0] is the outcome, details[1] the report. */
export async function runPod(input: RunPodWorkflowInput, carried?: Carried): Promise<RunReport> {
  return await executeRun("runPod", asJson(input), fromHopBefore(carried));
}

/** One pass of a cluster's reaper, started by its schedule. */
export async function reapPods(input: ReapInput): Promise<Reaped> {
  return await reaperActivity(input).reapPods();
}

/** A client may send a second argument too: only what a hop of this chain handed on is believed. */
function fromHopBefore(carried: Carried | undefined): Carried | undefined {
  return workflowInfo().continuedFromExecutionRunId === undefined ? undefined : carried;
}

/**
 * A plain client may send nothing at all; then there is no argument. What is nested too deeply to be written as JSON again
 * (V8 gives up at some thousands of levels) could not reach `prepareRun`, and an error here would fail the workflow task.
 */
function asJson(input: unknown): Json {
  try {
    return JSON.parse(JSON.stringify(input ?? null));
  } catch {
    const tooDeep = problem("too-large", "the input is nested too deeply");
    throw ApplicationFailure.create({ type: "InvalidDag", nonRetryable: true, message: renderProblem(tooDeep) });
  }
}
