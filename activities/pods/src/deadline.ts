import { formatDuration, type Outcome, type TaskSpec, type Timeouts } from "@slipway/dag";
import { isGated } from "./gate.ts";
import { conditionOf, mainOf, type PodView } from "./pod-view.ts";

type Which = "attempt" | "schedule" | "start";

/** Which limit runs now and when it is over (milliseconds since 1970), from the pod's own times. */
export interface Deadline {
  readonly which: Which;
  readonly at: number;
}

/**
 * `schedule` from creation to a node; `start` from the node to main's start; `attempt` from main's start.
 * `undefined`: no limit runs. Time behind a scheduling gate counts in none: `openedAt` is when the last one went.
 */
export function deadlineOf(
  view: PodView,
  { timeout }: Pick<TaskSpec, "timeout">,
  openedAt?: number,
): Deadline | undefined {
  const main = mainOf(view)?.state;
  if (main?.kind === "terminated") return undefined;
  if (main?.kind === "running") return after("attempt", main.startedAt, timeout.attemptMs);
  const scheduled = conditionOf(view, "PodScheduled");
  if (isGated(view)) return undefined;
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
  spec: TaskSpec,
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
    case "schedule":
      return `no node within timeout.schedule (${formatDuration(timeout.scheduleMs)})${because}`;
    case "start":
      return `not started within timeout.start (${formatDuration(timeout.startMs)})${because}`;
  }
}
