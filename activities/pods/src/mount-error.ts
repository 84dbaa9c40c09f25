import type { Outcome } from "@slipway/dag";
import type { PodWarning } from "./pod-warning.ts";

/**
 * What the kubelet says of a volume that no waiting mends (pkg/volume/{secret,configmap,projected,host_path}). Passing are a
 * cache that is not there yet ("failed to sync secret cache", "not registered") and the certificate that every new
 * namespace is given a moment later.
 */
const MISSING =
  /(?:secret|configmap) "[^"]*" not found|references non-existent (?:secret|config) key|hostPath type check failed/;
const PASSING = /failed to sync \w+ cache|not registered|configmap "kube-root-ca\.crt" not found/;

/**
 * A mount that cannot come about, as an outcome. Only what was said twice counts (the kubelet tries again after half a
 * second): what it knows may be a moment behind what was created before the pod.
 */
export function mountFailure({ reason, message, count }: PodWarning): Outcome | undefined {
  if (reason !== "FailedMount" || count < 2 || PASSING.test(message) || !MISSING.test(message)) return undefined;
  const [, volume, why] = /^MountVolume\.SetUp failed for volume "([^"]*)" : (.*)$/s.exec(message) ?? [];
  const what = volume === undefined ? "a volume" : `volume ${volume}`;
  return { kind: "config", message: `${what} cannot be mounted: ${why ?? message}`, evidence: { reason, message } };
}

/** Whether a warning is one of a kubelet that is only not ready yet: no word for people. */
export function isPassingMount({ reason, message }: PodWarning): boolean {
  return reason === "FailedMount" && PASSING.test(message);
}
