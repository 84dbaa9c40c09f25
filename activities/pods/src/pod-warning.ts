import { z } from "zod";

/** A Kubernetes Event of type Warning about a pod: what its status does not say (a mount, the network, an attach). */
export interface PodWarning {
  readonly podUid: string;
  /** `FailedMount`, `FailedCreatePodSandBox`, `FailedAttachVolume` … */
  readonly reason: string;
  /** Cut to 1,024 characters. */
  readonly message: string;
  /** How often it has been said by now. */
  readonly count: number;
}

/**
 * Reasons that tell of a step before the pod's sandbox that did not come about (kubelet: pkg/kubelet/events/event.go; the attach
 * controller). Others are remarks (MissingClusterDNS, FailedToRetrieveImagePullSecret), or stand in the status as well
 * (FailedScheduling, BackOff, Unhealthy).
 */
const HOLDS_UP = new Set([
  "FailedAttachVolume",
  "FailedMapVolume",
  "FailedMount",
  "FailedPrepareDynamicResources",
  "FailedCreatePodSandBox",
  "NetworkNotReady",
]);

export function holdsUp({ reason }: PodWarning): boolean {
  return HOLDS_UP.has(reason);
}

const MAX_MESSAGE = 1024;
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");

const EventObject = z.object({
  involvedObject: z.object({ uid: text }),
  reason: text,
  message: text,
  count: z.number().nullish(),
  series: z.object({ count: z.number().nullish() }).nullish(),
});

/** @throws ZodError where the object is no core/v1 Event. */
export function parseWarning(object: unknown): PodWarning {
  const { involvedObject, reason, message, count, series } = EventObject.parse(object);
  return {
    podUid: involvedObject.uid,
    reason,
    message: message.trim().slice(0, MAX_MESSAGE),
    count: series?.count ?? count ?? 1,
  };
}
