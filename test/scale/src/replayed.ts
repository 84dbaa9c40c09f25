import { bundleWorkflows } from "@slipway/worker";
import type { Client } from "@temporalio/client";
import { Worker } from "@temporalio/worker";
import { pino } from "pino";
import type { Hop } from "./histories.ts";

/** Seconds in which a worker that has never seen this history gets to its end, as one that takes a run over must. */
export async function replaySeconds(temporal: Client, workflowId: string, { runId }: Hop): Promise<number> {
  const { code } = await bundleWorkflows(pino({ level: "silent" }));
  const history = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
  const began = performance.now();
  await Worker.runReplayHistory({ workflowBundle: { code } }, history, workflowId);
  return (performance.now() - began) / 1000;
}
