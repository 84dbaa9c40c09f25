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
    /** `attempt`: timeout.attempt since main started; `start`: node bound, not started; `schedule`: no node. */
    | { readonly kind: "timeout"; readonly which: "attempt" | "schedule" | "start" }
    /** The image reference is invalid, the image does not exist, or may not be pulled. */
    | { readonly kind: "image"; readonly image: string }
    /** CreateContainerConfigError: a missing secret, config map or key, a bad mount. */
    | { readonly kind: "config" }
    /** The container could not be started: command not found, no permission (StartError, ContainerCannotRun, 126-128). */
    | { readonly kind: "start_error"; readonly exitCode?: number }
    /** The API server refused the pod (admission, quota, schema), or the kubelet did. */
    | { readonly kind: "rejected" }
    | { readonly kind: "evicted" }
    | { readonly kind: "cancelled" }
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
}

export type OutcomeKind = Outcome["kind"];

/**
 * Whether we ended the attempt although its pod may still run, or come to run (a tag that is pushed late, a secret that
 * appears): such a pod is stopped before the next attempt starts.
 */
export function mayStillRun({ kind }: Outcome): boolean {
  return kind === "timeout" || kind === "image" || kind === "config";
}

/**
 * Which of the two budgets of `retries` a failed attempt uses: what the task did itself counts against
 * `limit`, what was done to it against `disruptions`. "none" is never tried again.
 */
export function budgetOf(kind: Exclude<OutcomeKind, "succeeded">): "limit" | "disruptions" | "none" {
  switch (kind) {
    case "exit":
    case "oom_killed":
    case "timeout":
    case "image":
    case "config":
    case "start_error":
      return "limit";
    case "evicted":
    case "lost":
      return "disruptions";
    case "cancelled":
    case "rejected":
      return "none";
  }
}
