import { type GoesOn, type JsonObject, problem } from "@slipway/dag";
import { WorkflowClient, WorkflowNotFoundError } from "@temporalio/client";
import type { NativeConnection } from "@temporalio/worker";
import { isNotFound } from "./not-found.ts";
import type { AskedRerun } from "./read-rerun.ts";

/** What the closed run leaves to one that goes on from it. Rejects where nobody answers for it now. */
export type AskClosedRun = (rerun: AskedRerun) => Promise<GoesOn>;

const CALL_MS = 10_000;
/** Its history may have to be replayed first. */
const QUERY_MS = 30_000;

export function askClosedRun(connection: NativeConnection, namespace: string): AskClosedRun {
  const client = new WorkflowClient({ connection, namespace });
  const within = async <T>(ms: number, call: () => Promise<T>): Promise<T> =>
    await connection.withDeadline(Date.now() + ms, call);
  return async ({ of, control }) => {
    try {
      const found = await within(CALL_MS, async () => await client.getHandle(of).describe());
      if (found.closeTime === undefined)
        return { kind: "refused", problem: problem("bad-value", `rerun: ${of} is not over yet`) };
      return await within(QUERY_MS, async () =>
        client.getHandle(of, found.runId).query<GoesOn, [JsonObject]>("goesOn", { ...control }),
      );
    } catch (error) {
      if (!isNotFound(error) && !(error instanceof WorkflowNotFoundError)) throw error;
      return { kind: "refused", problem: problem("run-not-found", `rerun: Temporal has no run ${of} any more`) };
    }
  };
}
