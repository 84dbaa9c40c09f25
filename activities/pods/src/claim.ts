import {
  ATTEMPT_KEY_ANNOTATION,
  attemptKey,
  type AttemptRef,
  type JsonObject,
  type Outcome,
  podName,
  type TaskSpec,
} from "@slipway/dag";
import { ApiError } from "./api-error.ts";
import { backoffMs, sleep } from "./backoff.ts";
import { findPod } from "./find-pod.ts";
import { namespaceOf, podManifest } from "./manifest.ts";
import type { PodView } from "./pod-view.ts";
import type { Pods } from "./pods.ts";

/** An attempt has its pod, made now or found; or it is over before it has one. */
export type Claim =
  | { readonly kind: "pod"; readonly view: PodView }
  | { readonly kind: "ended"; readonly outcome: Outcome };

/** Tries of one create within the activity; then Temporal tries again, with the same name. */
const TRIES = 6;

/**
 * One pod per attempt: the name decides. Creates it, or adopts the one that stands there already.
 * @param knownUid of an earlier watcher's heartbeat: then no other pod is this attempt's, and none is made
 * @param confirm asked right before each create; what it throws is thrown
 * @throws ApiError where the API server cannot be reached, or another's pod stands in the way
 */
export async function claimPod(
  pods: Pods,
  ref: AttemptRef,
  spec: TaskSpec,
  knownUid: string | undefined,
  signal: AbortSignal,
  confirm: () => Promise<void>,
): Promise<Claim> {
  const manifest = podManifest(ref, spec, pods.settings);
  const namespace = namespaceOf(spec, pods.settings);
  const name = nameOf(manifest);
  if (knownUid !== undefined) return await find(pods, ref, { namespace, name }, knownUid);
  for (let failures = 0; ; failures++) {
    await pods.creates.acquire(signal);
    signal.throwIfAborted();
    await confirm();
    try {
      return { kind: "pod", view: await pods.cluster.createPod(namespace, manifest) };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const wait = waitAfter(error, failures);
      if (wait === "adopt") return await find(pods, ref, { namespace, name });
      if (wait === "never") return await refused(pods, ref, { namespace, name }, error);
      if (failures + 1 >= TRIES) throw error;
      await sleep(wait, signal);
    }
  }
}

/** A quota made a moment ago, whose use nobody has counted yet: 403, and passing. */
const QUOTA_NOT_READY = /status unknown for quota/;
/** The attempt's pod where one was made, however long ago; none is made now, and without one the attempt ends so. */
export async function claimMade(pods: Pods, ref: AttemptRef, spec: TaskSpec, otherwise: Outcome): Promise<Claim> {
  const found = await find(pods, ref, { namespace: namespaceOf(spec, pods.settings), name: podName(ref) });
  return found.kind === "pod" ? found : { kind: "ended", outcome: otherwise };
}

/** A create whose answer was lost may have succeeded: the next one is told 409 and adopts. */
function waitAfter({ fault, message }: ApiError, failures: number): number | "adopt" | "never" {
  switch (fault.kind) {
    case "conflict":
      return fault.reason === "AlreadyExists" ? "adopt" : backoffMs(failures);
    case "refused":
      return QUOTA_NOT_READY.test(message) ? backoffMs(failures) : "never";
    case "notFound": // the namespace
      return "never";
    case "throttled":
      return fault.retryAfterMs;
    case "unauthorized":
    case "unavailable":
    case "expired":
      return backoffMs(failures);
  }
}

/** Admission is asked before the name is looked at: a quota that our own pod fills refuses the repeated create of it. */
async function refused(
  pods: Pods,
  ref: AttemptRef,
  at: { readonly namespace: string; readonly name: string },
  { message }: ApiError,
): Promise<Claim> {
  const found = await find(pods, ref, at);
  if (found.kind === "pod") return found;
  return { kind: "ended", outcome: { kind: "rejected", message: `the API server refused the pod: ${message}` } };
}

/** The pod that stands under the attempt's name, finished or Terminating as it may be; its verdict is kept. */
async function find(
  pods: Pods,
  ref: AttemptRef,
  at: { readonly namespace: string; readonly name: string },
  knownUid?: string,
): Promise<Claim> {
  const view = await findPod(pods, at);
  if (view === undefined || (knownUid !== undefined && view.uid !== knownUid)) return { kind: "ended", outcome: LOST };
  if (view.annotations[ATTEMPT_KEY_ANNOTATION] === attemptKey(ref)) return { kind: "pod", view };
  const message = `another pod, not of this attempt, has the name ${at.namespace}/${at.name}; delete it to go on`;
  throw new ApiError({ kind: "conflict", reason: "NameTaken" }, message);
}

export const LOST: Outcome = { kind: "lost", message: "the pod is gone; what it did is unknown" };

function nameOf(manifest: JsonObject): string {
  const { metadata } = manifest;
  if (typeof metadata === "object" && metadata !== null && "name" in metadata && typeof metadata.name === "string")
    return metadata.name;
  throw new TypeError("a manifest has a name");
}
