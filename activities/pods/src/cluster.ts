import type { JsonObject } from "@slipway/dag";
import type { PodView } from "./pod-view.ts";
import type { PodWarning } from "./pod-warning.ts";

/**
 * The little of the Kubernetes API that we use, typed; it is the whole list of docs/reference/permissions.md.
 * Every method rejects with `ApiError` alone; none retries.
 */
export interface Cluster {
  /** `fieldValidation=Strict`: a misspelt field is refused, not dropped. */
  createPod(namespace: string, manifest: JsonObject, signal?: AbortSignal): Promise<PodView>;
  getPod(namespace: string, name: string): Promise<PodView>;
  /** Only this pod (precondition uid), with its own grace. Resolves when the request is accepted; gone before: also. */
  deletePod(pod: PodId): Promise<void>;
  /** Merges annotations into this pod; null removes one. */
  annotatePod(pod: PodId, annotations: Readonly<Record<string, string | null>>): Promise<void>;
  /** Of every namespace where the scope names none. */
  listPods(scope: ListScope, page?: string): Promise<PodPage>;
  /** Ends when the server ends it (after `timeoutSeconds`); rejects with `expired` where the version is too old. */
  watchPods(scope: PodScope, from: WatchFrom): AsyncGenerator<WatchEvent>;
  /** The version to watch warnings from: now. */
  warningsVersion(namespace: string): Promise<string>;
  /** Kubernetes Events of type Warning about pods; like `watchPods`. */
  watchWarnings(namespace: string, from: WatchFrom): AsyncGenerator<WarningEvent>;
  /** The bytes of one container's log as the kubelet sends them, each line with its timestamp. */
  readLog(source: LogSource, signal?: AbortSignal): AsyncGenerator<Uint8Array>;
  /** Asks the API server whether we may do this (SelfSubjectAccessReview, which everybody may ask). */
  mayI(access: Access): Promise<{ readonly allowed: boolean; readonly reason?: string }>;
  /** `v1.36.3` */
  version(): Promise<string>;
  /** Milliseconds since 1970 by the API server's clock, as far as it has answered: what pods' times are compared with. */
  now(): number;
  /** Ends every request. */
  close(): Promise<void>;
}

export interface PodId {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}
export interface PodScope {
  readonly namespace: string;
  readonly labelSelector: string;
}
export type ListScope = Omit<PodScope, "namespace"> & Partial<PodScope>;
/** `next` is the `continue` token where there is another page. */
export interface PodPage {
  readonly pods: readonly PodView[];
  readonly resourceVersion: string;
  readonly next?: string;
}
export interface WatchFrom {
  readonly resourceVersion: string;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}
export type WatchEvent =
  | { readonly kind: "changed" | "deleted"; readonly pod: PodView; readonly resourceVersion: string }
  | { readonly kind: "bookmark"; readonly resourceVersion: string };
/** Without `warning`: a bookmark, or an event that is forgotten. */
export interface WarningEvent {
  readonly warning?: PodWarning;
  readonly resourceVersion: string;
}
export interface LogSource {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly follow: boolean;
  /** The instance before the last restart. */
  readonly previous: boolean;
  /** Only the last ones; a line that the runtime stored in pieces (16 KB each) counts as often. */
  readonly tailLines?: number;
  /** RFC 3339; fractions are cut off by the server. */
  readonly sinceTime?: string;
  /** At most so many bytes, from the beginning. */
  readonly limitBytes?: number;
}
export interface Access {
  readonly namespace: string;
  readonly verb: string;
  readonly resource: string;
  readonly subresource?: string;
}
