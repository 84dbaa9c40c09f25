import type { Progress } from "../core/progress.ts";

export interface UpOptions {
  /** The checkout: its servers' state is in `<root>/.slipway`. */
  readonly root: string;
  /** A context of the user's own kubeconfig: no local node then. */
  readonly context?: string | undefined;
  /** The file it is in; default KUBECONFIG, else ~/.kube/config. */
  readonly kubeconfig?: string | undefined;
  /** "host:port" of a Temporal server that runs already. */
  readonly temporal?: string | undefined;
  /** URL of a NATS server that runs already. */
  readonly nats?: string | undefined;
  readonly log: Progress;
  readonly signal?: AbortSignal | undefined;
}
