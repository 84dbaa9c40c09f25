import type { ControlKind } from "@slipway/dag";
import type { LogItem, StoredEvent } from "@slipway/streams";
import type { CancelOptions } from "./cancel.ts";
import { cancelRun } from "./cancel.ts";
import type { AttemptRecord } from "./attempts.ts";
import { listAttempts } from "./attempt-list.ts";
import { type ControlFields, controlRun } from "./control.ts";
import { listRuns, type RunFilter, type RunSummary } from "./list.ts";
import { type QueuePollers, workersPolling } from "./pollers.ts";
import { type RunAnswer, reportRun } from "./report.ts";
import { type Rerun, rerun, rerunsOf } from "./rerun.ts";
import { resolveRun } from "./resolve.ts";
import type { RunRef } from "./run-ref.ts";
import { type ConnectSettings, installationOf } from "./settings.ts";
import { type StartRun, startRun } from "./start.ts";
import { type EventSelection, type FollowRun, type LogSelection, runStreams } from "./streams.ts";
import { isTakenUp, podTasks } from "./plan.ts";
import { checkTemporal, type TemporalCheck } from "./temporal-check.ts";
import { connectTemporal, type TemporalLink } from "./temporal-link.ts";
import type { Controlled } from "./wire.ts";
import { listPools, type PoolSummary } from "./pools.ts";
import { type WaitOptions, type WaitResult, waitRun } from "./wait.ts";

/**
 * Starts, finds, watches and ends runs. Every call has a deadline (10 s where nothing else is said) and throws
 * SlipwayError, whose problems say what, why and how to mend it.
 */
export interface SlipwayClient {
  readonly installation: string;
  /** Temporal's namespace. */
  readonly namespace: string;
  startRun(input: StartRun): Promise<RunRef>;
  listRuns(filter?: RunFilter): Promise<RunSummary[]>;
  /** `@latest`, a workflow id, `<dag>/<run>`, a run id or the beginning of one. */
  resolveRun(name: string): Promise<RunRef>;
  report(run: RunRef): Promise<RunAnswer>;
  attempts(run: RunRef): Promise<readonly AttemptRecord[]>;
  /** Names of the tasks that are pods, in written order; empty until the run has been prepared. */
  podTasks(run: RunRef): Promise<readonly string[]>;
  /** False while no worker has taken up the run's first or next step. */
  isTakenUp(run: RunRef): Promise<boolean>;
  wait(run: RunRef, options?: WaitOptions): Promise<WaitResult>;
  cancel(run: RunRef, options?: CancelOptions): Promise<void>;
  /** What a person asks of an open run (docs/reference/controls.md). */
  control(run: RunRef, kind: ControlKind, fields?: ControlFields): Promise<Controlled>;
  /** A new run that goes on where a closed one ended, and reuses what succeeded. */
  rerun(run: RunRef, kind: "retry" | "clear", fields?: ControlFields): Promise<Rerun>;
  /** Workflow ids of the runs that go on from it, or from one that did. */
  rerunsOf(run: RunRef): Promise<readonly string[]>;
  /** Pools, and the mutexes and DAGs whose slots somebody uses. */
  listPools(): Promise<PoolSummary[]>;
  workersPolling(options?: { readonly cluster?: string; readonly since?: Date }): Promise<QueuePollers[]>;
  /** What is kept of the logs now: all of it, or from a line, a time, the last lines on. Throws `no-address` without NATS. */
  readLog(run: RunRef, which?: LogSelection): AsyncIterable<LogItem>;
  /** The same, then what comes, until `signal` or `until`; one container of one attempt ends by itself. */
  followLog(run: RunRef, which?: LogSelection, options?: FollowRun): AsyncIterable<LogItem>;
  readEvents(run: RunRef, which?: EventSelection): AsyncIterable<StoredEvent>;
  /** Until `run.finished` (which is of no task), `signal` or `until`. */
  followEvents(run: RunRef, options?: FollowRun & EventSelection): AsyncIterable<StoredEvent>;
  /** What the server says of itself; rejects where the namespace is not there. */
  checkTemporal(): Promise<TemporalCheck>;
  /** For what has no method here; its calls are yours to bound. */
  readonly temporal: TemporalLink;
  close(): Promise<void>;
}

/** @throws SlipwayError `server-unreachable` where Temporal does not answer. NATS is connected when first read from. */
export async function connect(settings: ConnectSettings): Promise<SlipwayClient> {
  const installation = installationOf(settings);
  const connectTimeoutMs = settings.connectTimeoutMs ?? 5_000;
  const link = await connectTemporal(settings.temporal, connectTimeoutMs);
  const streams = runStreams(settings.nats, installation, connectTimeoutMs);
  return {
    installation,
    namespace: link.namespace,
    startRun: (input) => startRun(link, installation, input),
    listRuns: (filter) => listRuns(link, installation, filter),
    resolveRun: (name) => resolveRun(link, installation, name),
    report: (run) => reportRun(link, run),
    attempts: (run) => listAttempts(link, run),
    podTasks: (run) => podTasks(link, run),
    isTakenUp: (run) => isTakenUp(link, run),
    readLog: (run, which = {}) => streams.readLog(run, which),
    followLog: (run, which = {}, options = {}) => streams.followLog(run, which, options),
    readEvents: (run, which = {}) => streams.readEvents(run, which),
    followEvents: (run, { task, index, ...options } = {}) => {
      const which = { ...(task !== undefined && { task }), ...(index !== undefined && { index }) };
      return streams.followEvents(run, which, options);
    },
    wait: (run, options) => waitRun(link, run, options),
    cancel: (run, options) => cancelRun(link, run, options),
    control: (run, kind, fields) => controlRun(link, run, kind, fields),
    rerun: (run, kind, fields) => rerun(link, installation, run, kind, fields),
    rerunsOf: (run) => rerunsOf(link, run),
    listPools: () => listPools(link, installation),
    workersPolling: (options) => workersPolling(link, installation, options),
    temporal: link,
    checkTemporal: () => checkTemporal(link),
    close: async () => {
      await Promise.allSettled([streams.close(), link.close()]);
    },
  };
}
