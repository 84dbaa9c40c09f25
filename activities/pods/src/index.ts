/** Pods: what the activities runPod and releasePods do in Kubernetes. Knows no NATS and no Temporal: sinks and signals come in. */
export { checkCluster, type ClusterCheck, NEEDED_ACCESS } from "./access.ts";
export { ApiError, type ApiFault, isFault } from "./api-error.ts";
export type { Cluster } from "./cluster.ts";
export { connectCluster } from "./connect-cluster.ts";
export { holdersWithPods } from "./holders.ts";
export type { ClusterAddress } from "./kubeconfig.ts";
export type { PodsLog } from "./log.ts";
export { type ManifestSettings, podManifest } from "./manifest.ts";
export { openPods, type Pods, type PodsSettings } from "./pods.ts";
export { type ReaperPorts, reapPods, type Standing } from "./reaper.ts";
export { releaseAttempts, type ReleaseInput, type ReleasePorts } from "./release.ts";
export { type AttemptInput, type AttemptPorts, type Heartbeat, runAttempt } from "./run-attempt.ts";
export { type StopReason, WatchStopped } from "./stop.ts";
export type { Rate } from "./token-bucket.ts";
