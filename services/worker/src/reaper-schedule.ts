import { installationNames } from "@slipway/dag";
import type { Reaped, ReapInput } from "@slipway/run";
import {
  ScheduleAlreadyRunning,
  ScheduleClient,
  type ScheduleOptions,
  type ScheduleOptionsStartWorkflowAction,
  ScheduleOverlapPolicy,
} from "@temporalio/client";
import type { NativeConnection } from "@temporalio/worker";
import type { Logger } from "pino";
import { reasonOf } from "./temporal.ts";

const CALL_MS = 10_000;

/**
 * One reaper for each cluster of an installation, whatever the number of workers: a Temporal Schedule, made or brought up to
 * date by each worker that starts. An operator may pause it. Where that is not allowed, the worker says so and goes on.
 */
export async function ensureReaper(
  connection: NativeConnection,
  namespace: string,
  reaper: ReapInput & { readonly everyMs: number },
  log: Logger,
): Promise<void> {
  const schedules = new ScheduleClient({ connection, namespace });
  const options = scheduleOf(reaper);
  try {
    await connection.withDeadline(Date.now() + CALL_MS, async () => {
      await schedules.create(options).catch(async (error: unknown) => {
        if (!(error instanceof ScheduleAlreadyRunning)) throw error;
        await schedules.getHandle(options.scheduleId).update(({ state }) => ({ ...options, state }));
      });
    });
  } catch (error) {
    log.warn({ reason: reasonOf(error) }, "the reaper has no schedule: pods that nobody waits for may stay");
  }
}

type Reaping = ScheduleOptions<ScheduleOptionsStartWorkflowAction<(input: ReapInput) => Promise<Reaped>>>;

function scheduleOf({ installation, cluster, everyMs }: ReapInput & { readonly everyMs: number }): Reaping {
  const id = `reap/${installation}/${cluster}`;
  const input: ReapInput = { installation, cluster };
  return {
    scheduleId: id,
    spec: { intervals: [{ every: everyMs }], jitter: Math.round(everyMs / 10) },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: "1 minute" },
    action: {
      type: "startWorkflow",
      workflowType: "reapPods",
      workflowId: id,
      taskQueue: installationNames(installation).taskQueue,
      workflowExecutionTimeout: "10 minutes",
      args: [input],
    },
  };
}
