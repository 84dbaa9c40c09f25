import { type Chain, installationNames, podsTaskQueue } from "@slipway/dag";
import { Evaluator } from "@slipway/expressions";
import { connectCluster, holdersWithPods, openPods, type Pods } from "@slipway/pods";
import type { HolderActivities, PodActivities, ReaperActivities } from "@slipway/run";
import { connectStreams, type Retention, STREAM_SETTINGS, type Streams, type StreamSettings } from "@slipway/streams";
import { type NativeConnection, Runtime, Worker, type WorkerOptions } from "@temporalio/worker";
import type { Logger } from "pino";
import { askState } from "./ask-state.ts";
import { awaitMessageActivity, type MessageWorld } from "./await-message.ts";
import { bundleWorkflows } from "./bundle.ts";
import { chainFate } from "./chain-fate.ts";
import { changeParamsActivity } from "./change-params.ts";
import { isCurrentAttempt } from "./current-attempt.ts";
import { askClosedRun } from "./closed-run.ts";
import { concludeActivity, giveOutputsActivity } from "./conclude.ts";
import { declarePools } from "./declare-pools.ts";
import { evaluateActivity } from "./evaluate-conditions.ts";
import { readFirstInput } from "./first-input.ts";
import { findLostActivity } from "./find-lost.ts";
import { findUnwatchedActivity } from "./find-unwatched.ts";
import { openHoldActivity } from "./open-hold.ts";
import { temporalLog, workerLog } from "./log.ts";
import { podActivities } from "./pod-activities.ts";
import { PoolLink } from "./pool-link.ts";
import { prepareRunActivity } from "./prepare-run.ts";
import { publishEventsActivity } from "./publish-events.ts";
import { requestCancelActivity } from "./request-cancel.ts";
import { reapActivity } from "./reap-activity.ts";
import { ensureReaper } from "./reaper-schedule.ts";
import type { WorkerSettings } from "./settings.ts";
import { readingStored } from "./stored-outputs.ts";
import { tellPoolsActivity } from "./tell-pools.ts";
import { connectTemporal, namespaceId, registerSearchAttributes } from "./temporal.ts";

/** After this an activity that does not let go is abandoned; its pod is adopted by the next watcher. */
const FORCE_SHUTDOWN = "20s";
const MAX_PODS = 1000;
/** Waits for a message at once; each is a subscription. */
const MAX_LISTENERS = 1000;
const HISTORY_EVENTS = 8_000;
const REAPER_MS = 10 * 60_000;
const POOL_CHECK_MS = 60_000;

type Closing = (() => Promise<void>)[];

interface Connections {
  readonly temporal: NativeConnection;
  readonly streams: Streams;
  readonly pods: Pods;
  readonly evaluator: Pick<Evaluator, "evaluate">;
  readonly searchAttributes: boolean;
  readonly temporalNamespaceId: string;
}

/**
 * Serves the task queues until SIGTERM or SIGINT, then hands its attempts over (their pods go on) and resolves.
 * Waits for a Temporal that is not up yet. The worker keeps nothing that it cannot lose.
 */
export async function runWorker(settings: WorkerSettings): Promise<void> {
  const log = workerLog(settings);
  const stop = new AbortController();
  Runtime.install({ logger: temporalLog(log), shutdownSignals: [] });
  const onSignal = (signal: NodeJS.Signals): void => {
    log.info({ signal }, "shutting down: attempts are handed over, their pods go on");
    stop.abort();
  };
  process.once("SIGTERM", onSignal).once("SIGINT", onSignal);
  try {
    await serve(settings, log, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    process.off("SIGTERM", onSignal).off("SIGINT", onSignal);
  }
}

async function serve(settings: WorkerSettings, log: Logger, signal: AbortSignal): Promise<void> {
  const bundling = bundleWorkflows(log);
  bundling.catch(() => undefined);
  const closing: Closing = [];
  try {
    const connections = await connect(settings, log, signal, closing);
    const workers = await createWorkers(settings, connections, await bundling);
    const { installation, cluster, temporal, reaper } = settings;
    const schedule = { installation, cluster, everyMs: reaper?.everyMs ?? REAPER_MS };
    await declarePools(poolLink(settings, connections.temporal), settings.pools ?? {}, log);
    await ensureReaper(connections.temporal, temporal.namespace, schedule, log);
    await runAll(workers, signal);
  } finally {
    await closeAll(closing, log);
  }
}

/** Until the signal, or until one ends: half a worker would look alive. Each has handed over when this resolves. */
async function runAll(workers: readonly Worker[], signal: AbortSignal): Promise<void> {
  const shutdown = (): void => {
    for (const worker of workers) if (worker.getState() === "RUNNING") worker.shutdown();
  };
  const runs = workers.map((worker) => worker.run().finally(shutdown));
  signal.addEventListener("abort", shutdown, { once: true });
  if (signal.aborted) shutdown();
  for (const end of await Promise.allSettled(runs)) if (end.status === "rejected") throw end.reason;
}

async function connect(
  settings: WorkerSettings,
  log: Logger,
  signal: AbortSignal,
  closing: Closing,
): Promise<Connections> {
  const { installation, nats, kubernetes, namespace, logBytes, redact } = settings;
  const { rotationBytes, silenceMs, patienceMs } = settings;
  const temporal = await connectTemporal(settings, log, signal);
  closing.push(() => temporal.close());
  const searchAttributes = await registerSearchAttributes(temporal, settings.temporal.namespace, log);
  const temporalNamespaceId = await namespaceId(temporal, settings.temporal.namespace);
  const streams = await connectStreams({
    ...nats,
    name: `${installation}-worker`,
    installation,
    log,
    ...(redact !== undefined && { redact }),
    streams: sized({ logs: logBytes, outputs: settings.outputBytes }),
    ...(patienceMs !== undefined && { limits: { patienceMs } }),
  });
  closing.push(() => streams.close());
  await streams.ensure();
  const own = { installation, namespace, temporalNamespaceId, rotationBytes, patienceMs };
  const pods = openPods(connectCluster(kubernetes, silenceMs), own, log);
  closing.push(() => pods.close());
  const thread = new Evaluator();
  closing.push(() => thread.close());
  const evaluator = readingStored(thread, streams.outputs);
  return { temporal, streams, pods, evaluator, searchAttributes, temporalNamespaceId };
}

/** The usual settings of these, with as many bytes as somebody asked for. */
function sized(bytes: Readonly<Record<"logs" | "outputs", number | undefined>>): Partial<StreamSettings> {
  const of = (kept: Retention, asked = kept.bytes): Retention => ({ ...kept, bytes: asked });
  return { logs: of(STREAM_SETTINGS.logs, bytes.logs), outputs: of(STREAM_SETTINGS.outputs, bytes.outputs) };
}

/** What was opened, first opened first closed last; each on its own, so that one that hangs on keeps no other open. */
async function closeAll(closing: Closing, log: Logger): Promise<void> {
  const results = await Promise.allSettled(closing.toReversed().map((close) => close()));
  for (const result of results)
    if (result.status === "rejected") log.warn({ error: result.reason }, "a connection did not close");
}

function poolLink(settings: WorkerSettings, to: NativeConnection): PoolLink {
  const { installation, pools = {}, poolCheckMs: checkMs = POOL_CHECK_MS, historyEvents = HISTORY_EVENTS } = settings;
  return new PoolLink(to, settings.temporal.namespace, { installation, pools, checkMs, historyEvents });
}

async function createWorkers(
  settings: WorkerSettings,
  connections: Connections,
  workflowBundle: NonNullable<WorkerOptions["workflowBundle"]>,
): Promise<Worker[]> {
  const { temporal, streams, evaluator, searchAttributes } = connections;
  const { installation, cluster, maxPods = MAX_PODS, historyEvents = HISTORY_EVENTS } = settings;
  const { namespace } = settings.temporal;
  const common = {
    connection: temporal,
    namespace,
    shutdownForceTime: FORCE_SHUTDOWN,
    maxHeartbeatThrottleInterval: "5s",
  } as const;
  const named = { installation, cluster, searchAttributes, historyEvents };
  const link = poolLink(settings, temporal);
  const { pools = {}, eventSubjects: subjects = [] } = settings;
  const pages = { ...settings.run, namespace };
  const askClosed = askClosedRun(temporal, namespace);
  const prepare = prepareRunActivity({ ...named, pages, pools, subjects }, streams, evaluator, link, askClosed);
  const flows = Worker.create({
    ...common,
    taskQueue: installationNames(installation).taskQueue,
    workflowBundle,
    activities: {
      prepareRun: prepare,
      changeParams: changeParamsActivity({ pages, pools, subjects }, evaluator, readFirstInput(temporal, namespace)),
      evaluate: evaluateActivity(evaluator),
      openHold: openHoldActivity(evaluator, subjects),
      conclude: concludeActivity(evaluator),
      giveOutputs: giveOutputsActivity(evaluator, streams.outputs),
      publishEvents: publishEventsActivity(streams.events),
      findUnwatched: findUnwatchedActivity(temporal),
      requestCancel: requestCancelActivity(temporal),
      tellPools: tellPoolsActivity(link),
    },
  });
  const listening = { listen: streams.listen, events: streams.events, evaluator };
  const listeners = Worker.create({ ...common, ...listenersOf(installation, listening) });
  const watchers = Worker.create({
    ...common,
    taskQueue: podsTaskQueue(installation, cluster),
    maxConcurrentActivityTaskExecutions: maxPods,
    activities: watcherActivities(settings, connections),
  });
  return await Promise.all([flows, watchers, listeners]);
}

function listenersOf(installation: string, world: MessageWorld): Omit<WorkerOptions, "connection"> {
  return {
    taskQueue: installationNames(installation).messageQueue,
    maxConcurrentActivityTaskExecutions: MAX_LISTENERS,
    activities: { awaitMessage: awaitMessageActivity(world) },
  };
}

/** What is done to pods, and looked up about them. */
function watcherActivities(
  { redact, reaper, temporal: { namespace } }: WorkerSettings,
  { temporal, streams, pods, evaluator, temporalNamespaceId }: Connections,
): PodActivities & ReaperActivities & HolderActivities {
  const fateOf = (chain: Chain, temporalRunId?: string) =>
    chainFate(temporal, { name: namespace, id: temporalNamespaceId }, chain, temporalRunId);
  return {
    ...podActivities({
      pods,
      streams,
      redact,
      evaluator,
      isCurrent: (info, details) => isCurrentAttempt(temporal, info, details),
      fateOf,
    }),
    findLost: findLostActivity({ fateOf, withPods: (holders) => holdersWithPods(pods, holders) }),
    reapPods: reapActivity({
      pods,
      streams,
      fateOf,
      askState: (workflowId) => askState(temporal, namespace, workflowId),
      ageMs: reaper?.ageMs ?? REAPER_MS,
      redact,
    }),
  };
}
