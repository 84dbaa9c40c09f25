/**
 * How one attempt ended. A failing container is a value: exceptions are for infrastructure alone.
 * `message` is one sentence a person understands, without the task's name: `exit code 3`,
 * `python: executable not found in the image`.
 */
export type Outcome = Ended &
  (
    | { readonly kind: "succeeded" }
    /** containerStatuses[main].state.terminated with a code other than 0; `signal` where code > 128 names one. */
    | { readonly kind: "exit"; readonly exitCode: number; readonly signal?: string }
    /** terminated.reason OOMKilled; `limit` is resources.limits.memory where set. */
    | { readonly kind: "oom_killed"; readonly exitCode: number; readonly limit?: string }
    /**
     * `attempt`: timeout.attempt since main started; `total`: timeout.total since the task's first pod was made; `start`: node
     * bound, not started; `schedule`: no node; `run`: the whole run's.
     */
    | { readonly kind: "timeout"; readonly which: "attempt" | "total" | "schedule" | "start" | "run" }
    /** timeout.schedule is past and the scheduler said why no node takes the pod. */
    | { readonly kind: "unschedulable" }
    /** The image reference is invalid, the image does not exist, or may not be pulled. */
    | { readonly kind: "image"; readonly image: string }
    /** CreateContainerConfigError, or FailedMount that no waiting mends: a missing secret, config map or key, a bad mount. */
    | { readonly kind: "config" }
    /** The container could not be started: command not found, no permission (StartError, ContainerCannotRun, 126-128). */
    | { readonly kind: "start_error"; readonly exitCode?: number }
    /** An init container failed, so main never started. */
    | { readonly kind: "init"; readonly container: string; readonly exitCode: number }
    /** The API server refused the pod (admission, quota, schema); or the kubelet did (OutOfcpu …), and then it never started. */
    | { readonly kind: "rejected" }
    | { readonly kind: "evicted" }
    /** A pod of higher priority took its place. */
    | { readonly kind: "preempted" }
    /** Its node is unreachable, tainted or deleted. */
    | { readonly kind: "node_lost" }
    /** Main ended after somebody else had asked to delete the pod, whatever its code. */
    | { readonly kind: "interrupted"; readonly exitCode?: number }
    /** Its deletion is asked for, its grace long over, its node silent: it may still run, and nobody can end it. */
    | { readonly kind: "unreachable" }
    | { readonly kind: "cancelled" }
    /** The container ended well, and an output that the task promises is missing or is not what its schema says. */
    | { readonly kind: "output" }
    /** An expression that decides about the attempt has no value: it failed, or took too long. */
    | { readonly kind: "expression" }
    /** A pod known by its uid is gone, or another stands in its place; what it did is unknown. */
    | { readonly kind: "lost" }
  );

export interface Ended {
  readonly message: string;
  /** What the cluster said, for people who look further. Never contains env values. */
  readonly evidence?: { readonly reason?: string; readonly message?: string };
  /** RFC 3339; when main started and ended, by the kubelet's clock. */
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** Main is known never to have started. Absent where it did, and where nobody knows. */
  readonly neverStarted?: true;
}

export type OutcomeKind = Outcome["kind"];

/** Every kind. */
export const OUTCOME_KINDS = [
  "succeeded",
  "exit",
  "oom_killed",
  "timeout",
  "unschedulable",
  "image",
  "config",
  "start_error",
  "init",
  "rejected",
  "evicted",
  "preempted",
  "node_lost",
  "interrupted",
  "unreachable",
  "cancelled",
  "lost",
  "output",
  "expression",
] as const satisfies readonly OutcomeKind[];

export function isOutcomeKind(text: string): text is OutcomeKind {
  return OUTCOME_KINDS.some((kind) => kind === text);
}

/** When main started and ended, for an outcome that is told in the place of this one. */
export function timesOf(outcome: Outcome | undefined): Pick<Outcome, "startedAt" | "finishedAt"> {
  const { startedAt, finishedAt } = outcome ?? {};
  return { ...(startedAt && { startedAt }), ...(finishedAt && { finishedAt }) };
}

/**
 * Whether we ended the attempt although its pod may still run, or come to run (a tag that is pushed late, a secret or a
 * node that appears): such a pod is stopped before the next attempt starts.
 */
export function mayStillRun({ kind }: Outcome): boolean {
  return kind === "timeout" || kind === "unschedulable" || kind === "image" || kind === "config";
}

/** The code that the main container chose itself, or was given for what it did; of one that others ended it says nothing. */
export function ownExitCode(outcome: Outcome): number | undefined {
  switch (outcome.kind) {
    case "exit":
    case "oom_killed":
    case "start_error":
      return outcome.exitCode;
    default:
      return undefined;
  }
}

/** `free`: done to it before main started; `disruptions`: after; `limit`: what the task did itself. */
export type Budget = "limit" | "disruptions" | "free";

/** Which budget a failed attempt uses; each kind has exactly one. "none" is never tried again. */
export function budgetOf(outcome: Exclude<Outcome, { readonly kind: "succeeded" }>): Budget | "none" {
  switch (outcome.kind) {
    case "timeout":
      return outcome.which === "total" || outcome.which === "run" ? "none" : "limit";
    case "exit":
    case "oom_killed":
    case "unschedulable":
    case "image":
    case "config":
    case "start_error":
    case "init":
    case "output":
      return "limit";
    case "evicted":
    case "preempted":
    case "node_lost":
    case "interrupted":
    case "lost":
    case "unreachable":
      return outcome.neverStarted ? "free" : "disruptions";
    case "rejected":
      return outcome.neverStarted ? "free" : "none";
    case "cancelled":
    case "expression":
      return "none";
  }
}
