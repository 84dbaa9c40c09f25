import { type AttemptRef, isDagName, isRunId, isTaskName, type JsonObject, type TaskSpec } from "@slipway/dag";

/** An attempt; a test says what differs. */
export function anAttempt(over: Partial<AttemptRef> = {}): AttemptRef {
  const [dag, run, task] = ["etl", "r1", "load"];
  if (!isDagName(dag) || !isRunId(run) || !isTaskName(task)) throw new Error("names");
  const chain = { workflowId: "dag/etl/r1", firstExecutionRunId: "11111111-1111-1111-1111-111111111111" };
  return { installation: "slipway", chain, dag, run, task, attempt: 1, ...over };
}

export function aSpec(over: Partial<TaskSpec> = {}): TaskSpec {
  return {
    container: { image: "slipway.local/busybox:1" },
    retries: { limit: 0, delayMs: 0, factor: 1, maxDelayMs: 0, disruptions: 3 },
    timeout: { scheduleMs: 3_600_000, startMs: 1_800_000 },
    ...over,
  };
}

export const NODE = "node-1";
export const SCHEDULED: JsonObject = {
  type: "PodScheduled",
  status: "True",
  lastTransitionTime: "2026-11-22T10:00:01Z",
};

export const running: JsonObject = { running: { startedAt: "2026-11-22T10:00:02Z" } };
export const waiting = (reason: string, message = ""): JsonObject => ({ waiting: { reason, message } });
export const terminated = (exitCode: number, more: JsonObject = {}): JsonObject => ({
  terminated: {
    exitCode,
    reason: exitCode === 0 ? "Completed" : "Error",
    startedAt: "2026-11-22T10:00:02Z",
    finishedAt: "2026-11-22T10:00:05Z",
    ...more,
  },
});

/** A PodStatus on a node, its main container in this state. */
export function statusOf(main: JsonObject, more: JsonObject = {}): JsonObject {
  return {
    phase: "terminated" in main ? "Succeeded" : "Running",
    conditions: [SCHEDULED],
    containerStatuses: [{ name: "main", restartCount: 0, state: main }],
    ...more,
  };
}
