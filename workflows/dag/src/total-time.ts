import { formatDuration } from "./duration.ts";
import type { GraphNode } from "./graph.ts";
import { type Outcome, timesOf } from "./outcome.ts";

/** What the watcher of an attempt, which has a clock, says of the task's time when the attempt has ended. */
export interface TotalTime {
  /** When the pod of the task's first attempt was made; milliseconds since 1970. */
  readonly since: number;
  readonly elapsedMs: number;
}

/** Whether the delay before the next attempt would end after timeout.total. */
export function isTooLate({ totalMs }: GraphNode, time: TotalTime | undefined, delayMs: number): boolean {
  return totalMs !== undefined && time !== undefined && time.elapsedMs + delayMs >= totalMs;
}

/** The task ends with its last attempt although tries are left. */
export function noTimeLeft({ totalMs = 0 }: GraphNode, last: Outcome): Outcome {
  const why = `no time for another try within timeout.total (${formatDuration(totalMs)}); the last: ${last.message}`;
  return { kind: "timeout", which: "total", message: why, ...timesOf(last) };
}
