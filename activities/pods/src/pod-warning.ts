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
 * Reasons that tell of a step that did not come about (FailedMount, FailedAttachVolume, FailedCreatePodSandBox,
 * FailedScheduling …; kubelet: pkg/kubelet/events/event.go). The others are remarks (MissingClusterDNS, DNSConfigForming)
 * or stand in the status as well (BackOff, Unhealthy).
 */
const HOLDS_UP = /^Failed[A-Z]|^NetworkNotReady$/;

export function holdsUp({ reason }: PodWarning): boolean {
  return HOLDS_UP.test(reason);
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
