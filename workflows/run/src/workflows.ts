import type { Json, RunReport } from "@slipway/dag";
import { executeRun } from "./execute.ts";
import type { RunDagInput, RunPodWorkflowInput } from "./ports.ts";

/**
 * Runs a DAG of pods.
 * @returns the report of a succeeded run
 * @throws ApplicationFailure `DagFailed` (details[0] is the report), `InvalidDag` (the text of `lint`), `InvalidStart`
 */
export async function runDag(input: RunDagInput): Promise<RunReport> {
  return await executeRun("runDag", asJson(input));
}

/** Runs one pod: runDag's code on one task. Same result, same failures. */
export async function runPod(input: RunPodWorkflowInput): Promise<RunReport> {
  return await executeRun("runPod", asJson(input));
}

/** A plain client may send nothing at all; then there is no argument. */
function asJson(input: unknown): Json {
  return JSON.parse(JSON.stringify(input ?? null));
}
