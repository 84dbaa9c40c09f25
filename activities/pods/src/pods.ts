import { LABEL_PREFIX, labelValue } from "@slipway/dag";
import type { Cluster } from "./cluster.ts";
import type { PodsLog } from "./log.ts";
import type { ManifestSettings } from "./manifest.ts";
import { Reflector } from "./reflector.ts";
import { type Rate, TokenBucket } from "./token-bucket.ts";

/** One worker's hold on one cluster; one per cluster and process. */
export interface Pods {
  readonly cluster: Cluster;
  readonly settings: PodsSettings;
  readonly reflector: Reflector;
  readonly creates: TokenBucket;
  readonly log: PodsLog;
  /** Ends the watches and every connection. Attempts that still run fail with `ApiError`: stop them first. */
  close(): Promise<void>;
}

export interface PodsSettings extends ManifestSettings {
  readonly installation: string;
  /** Default 50 a second, 100 at once. */
  readonly createRate?: Rate;
  /** The kubelets' `containerLogMaxSize`. Default 10 MiB, which is theirs; less is safe, and costs a request now and then. */
  readonly rotationBytes?: number | undefined;
  /** A release whose log has come no further for so long goes on without it. Milliseconds, default a minute. */
  readonly patienceMs?: number | undefined;
}

const CREATE_RATE: Rate = { perSecond: 50, burst: 100 };

export function openPods(cluster: Cluster, settings: PodsSettings, log: PodsLog): Pods {
  const reflector = new Reflector(cluster, labelSelector(settings), log);
  return {
    cluster,
    settings,
    reflector,
    creates: new TokenBucket(settings.createRate ?? CREATE_RATE),
    log,
    async close() {
      await reflector.close();
      await cluster.close();
    },
  };
}

/** Pods of this installation and of this Temporal namespace: two clusters' worth of runs may share one namespace. */
export function labelSelector({ installation, temporalNamespaceId }: PodsSettings): string {
  const of = (key: string, value: string) => `${LABEL_PREFIX}${key}=${labelValue(value)}`;
  return `${of("installation", installation)},${of("temporal-namespace-id", temporalNamespaceId)}`;
}
