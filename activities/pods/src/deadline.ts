import { formatDuration, type Outcome, type TaskSpec, type Timeouts, type TotalTime } from "@slipway/dag";
import { isGated } from "./gate.ts";
import { conditionOf, mainOf, type PodView } from "./pod-view.ts";

type Which = "attempt" | "total" | "schedule" | "start";

/** Which limit runs now and when it is over (milliseconds since 1970), from the pod's own times. */
export interface Deadline {
  readonly which: Which;
  readonly at: number;
}

/** The limits of an attempt. `since`: when the pod of the task's first attempt was made; this one is the first where absent. */
export type Limits = Pick<TaskSpec, "timeout"> & { readonly since?: number };

/**
 * `schedule` from creation to a node; `start` from the node to main's start; `attempt` from main's start; beside each of
 * them `total`, and the earlier one counts. `undefined`: no limit runs. Time behind a scheduling gate counts in none:
 * `openedAt` is when the last one went.
 */
export function deadlineOf(view: PodView, limits: Limits, openedAt?: number): Deadline | undefined {
  const step = stepOf(view, limits, openedAt);
  if (step === "none") return undefined;
  const total = totalOf(limits, openedAt ?? Date.parse(view.createdAt));
  return step === undefined || (total !== undefined && total.at < step.at) ? total : step;
}

/** Of an attempt whose pod is not made any more: the delay before it took longer than was thought (a worker was away). */
export function tooLate(limits: Limits, now: number): Outcome | undefined {
  const { since, timeout } = limits;
  const total = since === undefined ? undefined : totalOf(limits, since);
  if (total === undefined || now < total.at) return undefined;
  return { kind: "timeout", which: "total", message: sentence("total", timeout) };
}

/** What the run is told of the task's time, where it has a limit. */
export function totalTime(limits: Limits, createdAt: number, now: number): TotalTime | undefined {
  const since = limits.since ?? createdAt;
  return totalOf(limits, createdAt) === undefined ? undefined : { since, elapsedMs: now - since };
}

/** When timeout.total is over, where the first pod of the task was made at `since`, or else at `createdAt`. */
function totalOf({ timeout, since }: Limits, createdAt: number): Deadline | undefined {
  const at = timeout.totalMs === undefined ? Number.NaN : (since ?? createdAt) + CUT_MS + timeout.totalMs;
  return Number.isNaN(at) ? undefined : { which: "total", at };
}

function stepOf(view: PodView, { timeout }: Limits, openedAt: number | undefined): Deadline | undefined | "none" {
  const main = mainOf(view)?.state;
  if (main?.kind === "terminated") return "none";
  if (main?.kind === "running") return after("attempt", main.startedAt, timeout.attemptMs);
  const scheduled = conditionOf(view, "PodScheduled");
  if (isGated(view)) return "none";
  if (scheduled?.status === "True") return after("start", scheduled.since ?? view.createdAt, timeout.startMs);
  if (openedAt !== undefined) return { which: "schedule", at: openedAt + timeout.scheduleMs };
  return after("schedule", view.createdAt, timeout.scheduleMs);
}

/** Kubernetes' times are cut to whole seconds, so up to one second had not passed when they say it had. */
const CUT_MS = 1000;

function after(which: Which, since: string, ms: number | undefined): Deadline | undefined {
  const start = Date.parse(since);
  return ms === undefined || Number.isNaN(start) ? undefined : { which, at: start + CUT_MS + ms };
}

/** `waiting`: what the pod waits for, in the cluster's words; before there is a node, the scheduler's. */
export function overdue(
  view: PodView,
  spec: Limits,
  now: number,
  waiting?: string,
  openedAt?: number,
): Outcome | undefined {
  const deadline = deadlineOf(view, spec, openedAt);
  if (deadline === undefined || now < deadline.at) return undefined;
  const { which } = deadline;
  const message = sentence(which, spec.timeout, waiting);
  const evidence = waiting === undefined ? {} : { evidence: { message: waiting.slice(0, 1024) } };
  const main = mainOf(view)?.state;
  const started = main?.kind === "running" ? { startedAt: main.startedAt } : {};
  if (which === "schedule" && waiting) return { kind: "unschedulable", message, ...evidence };
  return { kind: "timeout", which, message, ...evidence, ...started };
}

function sentence(which: Which, timeout: Timeouts, waiting?: string): string {
  const because = waiting === undefined ? "" : `: ${waiting.slice(0, 300)}`;
  switch (which) {
    case "attempt":
      return `still running after timeout.attempt (${formatDuration(timeout.attemptMs ?? 0)})`;
    case "total":
      return `not done within timeout.total (${formatDuration(timeout.totalMs ?? 0)})${because}`;
    case "schedule":
      return `no node within timeout.schedule (${formatDuration(timeout.scheduleMs)})${because}`;
    case "start":
      return `not started within timeout.start (${formatDuration(timeout.startMs)})${because}`;
  }
}
