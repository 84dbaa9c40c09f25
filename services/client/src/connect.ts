import type { CancelOptions } from "./cancel.ts";
import { cancelRun } from "./cancel.ts";
import type { AttemptRecord } from "./attempts.ts";
import { listAttempts } from "./attempt-list.ts";
import { listRuns, type RunFilter, type RunSummary } from "./list.ts";
import { type QueuePollers, workersPolling } from "./pollers.ts";
import { type RunAnswer, reportRun } from "./report.ts";
import { resolveRun } from "./resolve.ts";
import type { RunRef } from "./run-ref.ts";
import { type ConnectSettings, installationOf } from "./settings.ts";
import { type StartedRun, type StartRun, startRun } from "./start.ts";
import { connectTemporal, type TemporalLink } from "./temporal-link.ts";
import { type WaitOptions, type WaitResult, waitRun } from "./wait.ts";

/**
 * Starts, finds, watches and ends runs. Every call has a deadline (10 s where nothing else is said) and throws
 * SlipwayError, whose problems say what, why and how to mend it.
 */
export interface SlipwayClient {
  readonly installation: string;
  /** Temporal's namespace. */
  readonly namespace: string;
  startRun(input: StartRun): Promise<StartedRun>;
  listRuns(filter?: RunFilter): Promise<RunSummary[]>;
  /** `@latest`, a workflow id, `<dag>/<run>`, a run id or the beginning of one. */
  resolveRun(name: string): Promise<RunRef>;
  report(run: RunRef): Promise<RunAnswer>;
  attempts(run: RunRef): Promise<readonly AttemptRecord[]>;
  wait(run: RunRef, options?: WaitOptions): Promise<WaitResult>;
  cancel(run: RunRef, options?: CancelOptions): Promise<void>;
  workersPolling(options?: { readonly cluster?: string; readonly since?: Date }): Promise<QueuePollers[]>;
  /** For what has no method here; its calls are yours to bound. */
  readonly temporal: TemporalLink;
  close(): Promise<void>;
}

/** @throws SlipwayError `server-unreachable` where Temporal does not answer. NATS is connected when first read from. */
export async function connect(settings: ConnectSettings): Promise<SlipwayClient> {
  const installation = installationOf(settings);
  const link = await connectTemporal(settings.temporal, settings.connectTimeoutMs ?? 5_000);
  return {
    installation,
    namespace: link.namespace,
    startRun: (input) => startRun(link, installation, input),
    listRuns: (filter) => listRuns(link, installation, filter),
    resolveRun: (name) => resolveRun(link, installation, name),
    report: (run) => reportRun(link, run),
    attempts: (run) => listAttempts(link, run),
    wait: (run, options) => waitRun(link, run, options),
    cancel: (run, options) => cancelRun(link, run, options),
    workersPolling: (options) => workersPolling(link, installation, options),
    temporal: link,
    close: () => link.close(),
  };
}
