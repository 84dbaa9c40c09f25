import {
  type EventType,
  isTaskName,
  type JsonObject,
  type RunReport,
  type TaskName,
  type TaskReport,
} from "@slipway/dag";
import type { PreparedRun, RunEvent } from "./ports.ts";
import type { Chain } from "@slipway/dag";

/** The events that the workflow itself publishes: of the run and of its tasks. Attempts, pods and logs are the watcher's. */
export class RunEvents {
  readonly #ref: RunEvent["ref"];

  constructor(prepared: PreparedRun, chain: Chain) {
    this.#ref = { installation: prepared.installation, chain, dag: prepared.compiled.dag, run: prepared.run };
  }

  started(time: string, data: JsonObject): RunEvent {
    return { type: "run.started", ref: this.#ref, time, data };
  }

  /** Without the outputs: they may be 256 KB, and a hundred events go in one batch. The report has them. */
  settled(name: string, { outputs: _outputs, ...task }: TaskReport): RunEvent {
    const type: EventType =
      task.state === "skipped" || task.state === "upstream_failed" ? "task.skipped" : "task.finished";
    const ref = isTaskName(name) ? { ...this.#ref, task: name } : this.#ref;
    return { type, ref, data: { ...task } };
  }

  /** No worker has taken an attempt up; once for each attempt. */
  waiting(task: TaskName, attempt: number, reason: string): RunEvent {
    const ref = { ...this.#ref, task };
    return { type: "task.waiting", ref, data: { reason, attempt }, facts: { attempt } };
  }

  finished(report: RunReport, message: string | undefined): RunEvent {
    return {
      type: "run.finished",
      ref: this.#ref,
      data: { state: report.state, ...(message === undefined ? {} : { message }) },
    };
  }
}
