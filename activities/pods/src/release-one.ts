import { ATTEMPT_KEY_ANNOTATION, attemptKey, LABEL_PREFIX, podName } from "@slipway/dag";
import type { Release } from "@slipway/run";
import { isFault } from "./api-error.ts";
import { AttemptEvents } from "./attempt-events.ts";
import { Latest } from "./latest.ts";
import type { Carried } from "./log-carrier.ts";
import { LogCarriers } from "./log-carriers.ts";
import { namespaceOf } from "./manifest.ts";
import type { PodNews } from "./namespace-watch.ts";
import { mainOf, type PodView } from "./pod-view.ts";
import type { Pods } from "./pods.ts";
import type { ReleaseInput, ReleasePorts } from "./release.ts";
import { retrying } from "./retrying.ts";
import { stopReason, WatchStopped } from "./stop.ts";

const FLUSH_MS = 3_000;
/** An ended container's log without a new line for this long, and not readable to its end, gets a gap. */
const GIVE_UP_MS = 60_000;
/** Beyond the grace; then the release fails, and Temporal tries again. */
const BEYOND_GRACE_MS = 60_000;
/** On a pod that stays because its log could not be delivered: the reaper goes on with it. */
const UNDELIVERED_ANNOTATION = `${LABEL_PREFIX}log-undelivered`;

/** A pod that does not go although its grace is long over (its node is silent). Temporal tries the release again. */
export class PodStays extends Error {
  override readonly name = "PodStays";
}

/** Lets go of one attempt. */
export async function releaseOne(pods: Pods, { ref, namespace }: Release, input: ReleaseInput, ports: ReleasePorts) {
  stopIfTold(ports.signal);
  const at = {
    namespace: namespaceOf(namespace === undefined ? {} : { namespace }, pods.settings),
    name: podName(ref),
  };
  const view = await found(pods, at);
  // Never made, deleted before, or another's (which the attempt's create was refused for).
  if (view === undefined || view.annotations[ATTEMPT_KEY_ANNOTATION] !== attemptKey(ref)) return;
  const news = new Latest<PodNews>(view);
  const events = new AttemptEvents(ref, ports.events, pods.log, ports.now);
  const carriers = new LogCarriers(
    {
      cluster: pods.cluster,
      attempt: ref,
      pod: view,
      epoch: { hop: input.hop, stage: 1, attempt: input.activityAttempt },
      sink: ports.logs,
      log: pods.log,
      giveUpMs: GIVE_UP_MS,
      rotationBytes: pods.settings.rotationBytes,
      ...events.ofLogs,
    },
    view,
  );
  const unsubscribe = pods.reflector.subscribe(at.namespace, at.name, (next) => {
    news.set(next === "gone" || next.uid === view.uid ? next : "gone");
    carriers.update(news.value);
  });
  try {
    await drainAndDelete(pods, view, news, carriers, events, ports.signal);
  } finally {
    unsubscribe();
    await Promise.all([carriers.close(FLUSH_MS), events.flush(FLUSH_MS)]);
  }
}

/** Main's log first, because it goes with the pod; where main still runs, the pod is ended first and the log follows it. */
async function drainAndDelete(
  { cluster, log }: Pods,
  view: PodView,
  news: Latest<PodNews>,
  carriers: LogCarriers,
  events: AttemptEvents,
  signal: AbortSignal,
): Promise<void> {
  const remove = async () => {
    await retrying(async () => {
      await cluster.deletePod(view);
    });
  };
  const ended = (now: PodNews) => now === "gone" || mainOf(now)?.state.kind === "terminated";
  const deadline = () => performance.now() + view.graceSeconds * 1000 + BEYOND_GRACE_MS;
  if (!ended(news.value)) {
    await remove();
    await until(news, ended, deadline(), signal, view);
  }
  const carried = [await stoppable(carriers.begin(view.main), signal), ...(await settled(carriers, news.value))];
  if (carried.some(({ kind }) => kind === "stopped")) throw new WatchStopped({ kind: "let-go" });
  // A later watcher has this pod now.
  if (carriers.fenced === "watcher") return;
  if (carried.some(({ kind }) => kind === "undelivered")) {
    log.warn({ pod: view.name }, "a log could not be delivered; its pod stays for the reaper");
    await cluster.annotatePod(view, { [UNDELIVERED_ANNOTATION]: "true" });
    return;
  }
  await remove();
  await until(news, nothingRuns, deadline(), signal, view);
  await stoppable(carriers.all(), signal);
  events.podDeleted(view);
}

/**
 * Every container has ended and the delete is accepted: nothing of the pod can run again, and waiting two seconds more
 * for the kubelet to say so would only keep the run open. (restartPolicy is Never.)
 */
function nothingRuns(news: PodNews): boolean {
  if (news === "gone") return true;
  return news.containers.length > 0 && news.containers.every(({ state }) => state.kind === "terminated");
}

/** Containers other than main that have ended: their logs go with the pod too. Those that still run end with it. */
async function settled(carriers: LogCarriers, news: PodNews): Promise<Carried[]> {
  if (news === "gone") return [];
  const done = news.containers.filter(({ state }) => state.kind === "terminated");
  const carried = await Promise.all(done.map(async ({ name }) => await carriers.of(name)));
  return carried.filter((one) => one !== undefined);
}

async function until(
  news: Latest<PodNews>,
  reached: (news: PodNews) => boolean,
  deadline: number,
  signal: AbortSignal,
  { name }: PodView,
): Promise<void> {
  while (!reached(news.value)) {
    stopIfTold(signal);
    const left = deadline - performance.now();
    if (left <= 0) throw new PodStays(`pod ${name} is still there, long after its grace`);
    await news.next(left, signal);
  }
}

async function found({ cluster }: Pods, at: { namespace: string; name: string }): Promise<PodView | undefined> {
  try {
    return await retrying(async () => await cluster.getPod(at.namespace, at.name));
  } catch (error) {
    if (isFault(error, "notFound")) return undefined;
    throw error;
  }
}

/** What `work` gives, unless the worker is told to stop first. */
async function stoppable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  stopIfTold(signal);
  const stopped = Promise.withResolvers<never>();
  const stop = () => {
    stopped.reject(stopError(signal));
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function stopIfTold(signal: AbortSignal): void {
  if (signal.aborted) throw stopError(signal);
}

function stopError(signal: AbortSignal): WatchStopped {
  const reason = stopReason(signal);
  return new WatchStopped(reason.kind === "cancel" ? { kind: "hand-off" } : reason);
}
