import type { Chain, Json } from "@slipway/dag";
import { defaultPayloadConverter } from "@temporalio/common";
import type { NativeConnection } from "@temporalio/worker";
import { isNotFound } from "./not-found.ts";

const CALL_MS = 10_000;

/** What a run was started with. */
export interface FirstInput {
  readonly workflowType: "runDag" | "runPod";
  readonly input: Json;
}

/** From the first history of its chain; undefined where Temporal has deleted that. */
export type ReadFirstInput = (chain: Chain) => Promise<FirstInput | undefined>;

export function readFirstInput(connection: NativeConnection, namespace: string): ReadFirstInput {
  return async ({ workflowId, firstExecutionRunId: runId }) => {
    const request = { namespace, execution: { workflowId, runId }, maximumPageSize: 1 };
    try {
      const { history } = await connection.withDeadline(Date.now() + CALL_MS, () =>
        connection.workflowService.getWorkflowExecutionHistory(request),
      );
      const { workflowType, input } = history?.events?.[0]?.workflowExecutionStartedEventAttributes ?? {};
      const payload = input?.payloads?.[0];
      if (payload === undefined || payload === null) return undefined;
      const value = defaultPayloadConverter.fromPayload<Json>(payload);
      return { workflowType: workflowType?.name === "runPod" ? "runPod" : "runDag", input: value };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
}
