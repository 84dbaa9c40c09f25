import { sha256Hex } from "./hash.ts";
import type { AttemptRef } from "./ids.ts";

const DNS_LABEL_MAX = 63;
const HASH_DIGITS = 16;

export const LABEL_PREFIX = "slipway.dev/";
/** The annotation that repeats the hash input of a pod's name: equal means "this pod is that attempt". */
export const ATTEMPT_KEY_ANNOTATION = `${LABEL_PREFIX}attempt-key`;

/** What makes an attempt one of a kind; a pod carries it as an annotation. */
export function attemptKey(ref: AttemptRef): string {
  const { installation, chain, task, index, attempt } = ref;
  return JSON.stringify([installation, chain.workflowId, chain.firstExecutionRunId, task, index ?? null, attempt]);
}

/**
 * A pod's name: the same attempt always gives the same name, so a repeated create is answered 409 and adopted.
 * A DNS label of at most 63: slug of the task, `-`, 16 hex digits of the sha256 of the attempt key.
 */
export function podName(ref: AttemptRef): string {
  const hash = sha256Hex(attemptKey(ref)).slice(0, HASH_DIGITS);
  const suffix = `${ref.index === undefined ? "" : `-${ref.index}`}-${ref.attempt}-${hash}`;
  return `${slug(ref.task, DNS_LABEL_MAX - suffix.length)}${suffix}`;
}

/** Lower-case DNS label text that starts with a letter and does not end in `-`. */
function slug(text: string, max: number): string {
  const plain = text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return plain.slice(0, max).replaceAll(/^-+|-+$/g, "") || "task";
}

/** A Kubernetes label value (≤ 63, alphanumeric at both ends); one that had to change ends in a hash of the whole id. */
export function labelValue(id: string): string {
  if (id.length <= DNS_LABEL_MAX && /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/.test(id)) return id;
  const kept = id
    .replaceAll(/[^-A-Za-z0-9_.]+/g, "-")
    .replaceAll(/^[^A-Za-z0-9]+/g, "")
    .slice(0, 46);
  return `${kept}-${sha256Hex(id).slice(0, HASH_DIGITS)}`.replaceAll(/^-+/g, "");
}

/** Labels of an attempt's pod. Full ids are in annotations. */
export function podLabels(ref: AttemptRef, temporalNamespaceId: string): Record<string, string> {
  const values = {
    installation: ref.installation,
    "temporal-namespace-id": temporalNamespaceId,
    dag: ref.dag === "-" ? "" : ref.dag,
    run: ref.run,
    task: ref.task,
    index: ref.index === undefined ? "" : String(ref.index),
    attempt: String(ref.attempt),
  };
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${LABEL_PREFIX}${key}`, labelValue(value)]));
}

/** Annotations that lead back from a pod to its run. */
export function podAnnotations(ref: AttemptRef): Record<string, string> {
  return {
    [ATTEMPT_KEY_ANNOTATION]: attemptKey(ref),
    [`${LABEL_PREFIX}workflow-id`]: ref.chain.workflowId,
    [`${LABEL_PREFIX}first-execution-run-id`]: ref.chain.firstExecutionRunId,
    [`${LABEL_PREFIX}dag`]: ref.dag,
    [`${LABEL_PREFIX}run`]: ref.run,
    [`${LABEL_PREFIX}task`]: ref.task,
  };
}
