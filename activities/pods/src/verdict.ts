import { isJsonObject, type Outcome, type TaskSpec } from "@slipway/dag";
import { awaitsSandbox, type Blocked, blockedBy } from "./blocked.ts";
import { type Limits, overdue } from "./deadline.ts";
import { explainImageError } from "./image-error.ts";
import { endedByDelete, interrupted, interruptedUnstarted } from "./interrupted.ts";
import { mountFailure } from "./mount-error.ts";
import { type ContainerView, mainOf, type PodView } from "./pod-view.ts";
import type { PodWarning } from "./pod-warning.ts";
import { disruptionOf, refusalOf } from "./pod-reason.ts";
import { terminatedOutcome } from "./terminated.ts";
import { unreachable } from "./unreachable.ts";

/** What a pod's status says about its attempt. `blocked`: it waits for something a person may have to mend. */
export type Verdict =
  | { readonly kind: "pending"; readonly blocked?: Blocked }
  | { readonly kind: "running" }
  | { readonly kind: "ended"; readonly outcome: Outcome };

export interface Beside {
  /** The last one that tells of what holds the pod up. */
  readonly warning?: PodWarning | undefined;
  /** When its last scheduling gate went; milliseconds since 1970. */
  readonly openedAt?: number | undefined;
}

/**
 * The verdict, from the container's state and never from `status.phase` or the log; then status.reason and
 * DisruptionTarget where they name the cause. Pure.
 * @param now milliseconds since 1970, for the deadlines, which count from the pod's own times
 * @param beside what its status does not say
 */
export function outcomeOf(
  view: PodView,
  spec: TaskSpec & Limits,
  now: number,
  { warning, openedAt }: Beside = {},
): Verdict {
  const held = awaitsSandbox(view) ? warning : undefined;
  const blocked = blockedBy(view, held);
  const outcome =
    endedBy(view, spec, false) ??
    unreachable(view, now) ??
    (held && mountFailure(held)) ??
    overdue(view, spec, now, blocked?.message ?? held?.message, openedAt);
  if (outcome !== undefined) return { kind: "ended", outcome };
  if (mainOf(view)?.state.kind === "running") return { kind: "running" };
  return blocked === undefined ? { kind: "pending" } : { kind: "pending", blocked };
}

/** The verdict of a pod that is gone, from its last status; undefined where that shows no end. */
export function lastWordOf(view: PodView, spec: TaskSpec): Outcome | undefined {
  return endedBy(view, spec, true);
}

function endedBy(view: PodView, spec: TaskSpec, gone: boolean): Outcome | undefined {
  const main = mainOf(view);
  const state = main?.state;
  const own = state?.kind === "terminated" && !endedByDelete(view, state) ? state : undefined;
  // The work is done: what befell the pod afterwards (a sidecar that hung, an eviction) does not undo it.
  if (own?.exitCode === 0) return terminatedOutcome(own, spec);
  const disruption = disruptionOf(view, state, gone);
  if (disruption !== undefined) return disruption;
  if (own !== undefined) return interruptedUnstarted(view) ?? terminatedOutcome(own, spec);
  if (state?.kind === "terminated") return interrupted(state);
  return initFailure(view) ?? interruptedUnstarted(view) ?? refusalOf(view) ?? neverStarts(view, spec, main);
}

/** With restartPolicy Never a failed init container is the end, unless a delete was what ended it. */
function initFailure(view: PodView): Outcome | undefined {
  if (view.phase !== "Failed") return undefined;
  for (const { name, init, state } of view.containers) {
    if (!init || state.kind !== "terminated" || state.exitCode === 0 || endedByDelete(view, state)) continue;
    const outcome = terminatedOutcome(state, undefined);
    const message = `init container ${name}: ${outcome.message}`;
    if (outcome.kind === "lost") return { ...outcome, message };
    const { evidence } = outcome;
    return { kind: "init", container: name, exitCode: state.exitCode, message, ...(evidence && { evidence }) };
  }
  return undefined;
}

/** A container of the start (init, main) that waits for what will never come. Sidecars cannot fail a task. */
function neverStarts(view: PodView, spec: TaskSpec, main: ContainerView | undefined): Outcome | undefined {
  for (const { name, init, state } of view.containers) {
    if (state.kind !== "waiting" || !(init || name === main?.name)) continue;
    const { reason, message } = state;
    const where = init ? `init container ${name}: ` : "";
    const evidence = { reason, message: message.slice(0, 1024) };
    if (reason === "CreateContainerConfigError" && !PASSING_CONFIG.test(message))
      return { kind: "config", message: `${where}the container cannot be configured: ${message}`, evidence };
    const image = imageOf(spec, name, init, message);
    const why = explainImageError(image, reason, message);
    if (why !== undefined) return { kind: "image", image, message: `${where}${why}`, evidence };
  }
  return undefined;
}

/** The kubelet's cache was not ready (many pods at once, a kubelet just started): it tries again, timeout.start bounds it. */
const PASSING_CONFIG = /failed to sync \w+ cache|timed? ?out|connection refused/i;

function imageOf(spec: TaskSpec, name: string, init: boolean, message: string): string {
  if (!init && typeof spec.container["image"] === "string") return spec.container["image"];
  const inits = spec.pod?.["initContainers"];
  const found = Array.isArray(inits) ? inits.find((one) => isJsonObject(one) && one["name"] === name) : undefined;
  return isJsonObject(found) && typeof found["image"] === "string" ? found["image"] : (quoted(message) ?? "");
}

function quoted(message: string): string | undefined {
  return /image (?:name )?"([^"]+)"/.exec(message)?.[1];
}
