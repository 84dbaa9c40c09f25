import { fileURLToPath } from "node:url";
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from "@temporalio/worker";
import type { Logger } from "pino";
import { temporalLog } from "./log.ts";

/** The workflow code as one script. Made at each start (about a second): it is always the code that is here. */
export async function bundleWorkflows(log: Logger): Promise<WorkflowBundleWithSourceMap> {
  const workflowsPath = fileURLToPath(import.meta.resolve("@slipway/run/workflows"));
  return await bundleWorkflowCode({ workflowsPath, logger: temporalLog(log.child({}, { level: "warn" })) });
}
