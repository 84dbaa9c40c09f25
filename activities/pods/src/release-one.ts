import {
  ATTEMPT_KEY_ANNOTATION,
  attemptKey,
  type Keep,
  LABEL_PREFIX,
  type LogEpoch,
  type Outcome,
  podName,
} from "@slipway/dag";
import type { Release } from "@slipway/run";
import { AttemptEvents } from "./attempt-events.ts";
import { findPod } from "./find-pod.ts";
import { isKept, KEEP_UNTIL_ANNOTATION, keepUntil } from "./keep.ts";
import { Latest } from "./latest.ts";
import type { Carried } from "./log-carrier.ts";
import { LogCarriers } from "./log-carriers.ts";
import { namespaceOf } from "./manifest.ts";
import type { PodNews } from "./namespace-watch.ts";
import { hasEnded, mainOf, type PodView } from "./pod-view.ts";
import type { Pods } from "./pods.ts";
import type { ReleasePorts } from "./release.ts";
import { retrying } from "./retrying.ts";
import { stopReason, WatchStopped } from "./stop.ts";
import { goneBy } from "./unreachable.ts";

const FLUSH_MS = 3_000;
/** An ended container's log without a new line for this long, and not readable to its end, gets a gap. */
const GIVE_UP_MS = 60_000;
/** On a pod that stays because its log could not be delivered: the reaper goes on with it. */
export const UNDELIVERED_ANNOTATION = `${LABEL_PREFIX}log-undelivered`;

/** Lets go of one attempt. */
export async function releaseOne(pods: Pods, release: Release, epoch: LogEpoch, ports: ReleasePorts): Promise<void> {
  stopIfTold(ports.signal);
  const { ref, namespace, keep } = release;
  const at = {
    namespace: namespaceOf(namespace === undefined ? {} : { namespace }, pods.settings),
    name: podName(ref),
  };
  const view = await findPod(pods, at);
  const events = new AttemptEvents(ref, ports.events, pods.log, ports.now);
  if (view === undefined) return await tellGone(at, events, release, epoch, ports);
  // Another's, which the attempt's create was refused for.
  if (view.annotations[ATTEMPT_KEY_ANNOTATION] !== attemptKey(ref)) return;
  if (release.cancelled) events.finished(CANCELLED, view);
  const news = new Latest<PodNews>(view);
  const carriers = new LogCarriers(
    {
      cluster: pods.cluster,
      attempt: ref,
      pod: view,
      epoch,
      sink: ports.logs,
      log: pods.log,
      giveUpMs: pods.settings.patienceMs ?? GIVE_UP_MS,
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
    await drainAndDelete({ pods, view, news, carriers, events, ports, keep });
  } finally {
    unsubscribe();
    await Promise.all([carriers.close(FLUSH_MS), events.flush(FLUSH_MS)]);
  }
}

/** One pod on its way out. */
interface Leaving {
  readonly pods: Pods;
  readonly view: PodView;
  readonly news: Latest<PodNews>;
  readonly carriers: LogCarriers;
  readonly events: AttemptEvents;
  readonly ports: ReleasePorts;
  readonly keep: Keep | undefined;
}

/** What a watcher that lived would have told; an event that is there already is not sent again. */
const CANCELLED: Outcome = { kind: "cancelled", message: "cancelled" };

/**
 * The pod was never made, or it is deleted: perhaps by this very release, which was killed or handed over before it could
 * say so. Whoever repeats it says it.
 */
async function tellGone(
  at: { readonly namespace: string; readonly name: string },
  events: AttemptEvents,
  { ref, cancelled }: Release,
  { hop, stage, attempt }: LogEpoch,
  { createdPod }: ReleasePorts,
): Promise<void> {
  if (hop === 0 && stage === 1 && attempt === 1 && !cancelled) return;
  const uid = await createdPod(ref).catch(() => undefined);
  if (uid === undefined) return;
  if (cancelled) events.finished(CANCELLED, { ...at, uid });
  events.podDeleted({ ...at, uid });
  await events.flush(FLUSH_MS);
}

/** Main's log first, because it goes with the pod; where main still runs, the pod is ended first and the log follows it. */
async function drainAndDelete(leaving: Leaving): Promise<void> {
  const { pods, view, news, carriers, events, ports } = leaving;
  let silent = false;
  if (!mainEnded(news.value)) {
    await carriers.followed();
    await remove(leaving);
    silent = !(await reaches(leaving, mainEnded));
    if (silent) carriers.abandon();
  }
  const main = await stoppable(carriers.begin(view.main), ports.signal);
  const carried = [main, ...(await settled(carriers, news.value))];
  if (carried.some(({ kind }) => kind === "stopped")) throw new WatchStopped({ kind: "let-go" });
  // A later watcher has this pod now.
  if (carriers.fenced === "watcher") return;
  if (carried.some(({ kind }) => kind === "undelivered")) {
    pods.log.warn({ pod: view.name }, "a log could not be delivered; its pod stays for the reaper");
    await pods.cluster.annotatePod(view, { [UNDELIVERED_ANNOTATION]: "true", ...keepMark(leaving) });
    return;
  }
  if (await stays(leaving)) return;
  await remove(leaving);
  if (silent || !(await reaches(leaving, nothingRuns))) return await leave(leaving);
  await stoppable(carriers.all(), ports.signal);
  events.podDeleted(view);
}

async function remove({ pods: { cluster }, view }: Leaving): Promise<void> {
  await retrying(async () => {
    await cluster.deletePod(view);
  });
}

/**
 * Keeps it where its task says so, or the pod itself (of a run that is over, only the pod still knows), and nothing of it runs. Native sidecars are ended by the kubelet once main is, and waited
 * for; another container would go on, and a pod that somebody deletes cannot be kept: such a pod goes.
 */
async function stays(leaving: Leaving): Promise<boolean> {
  const { pods, view, news, carriers, ports, keep } = leaving;
  const before = news.value;
  if (before === "gone" || before.deletion !== undefined) return false;
  // The watch may be behind what was read when the release began.
  if (keep === undefined && ![view, before].some((seen) => isKept(seen, ports.now()))) return false;
  if (before.containers.some(({ init, state }) => !init && state.kind !== "terminated")) return false;
  if (!(await reaches(leaving, nothingRuns))) return false;
  await stoppable(carriers.all(), ports.signal);
  const { value: ended } = news;
  if (ended === "gone") return false;
  await pods.cluster.annotatePod(view, { [UNDELIVERED_ANNOTATION]: null, ...keepMark(leaving) });
  return true;
}

function keepMark({ news, keep, ports }: Leaving): Readonly<Record<string, string>> {
  if (keep === undefined || news.value === "gone") return {};
  return { [KEEP_UNTIL_ANNOTATION]: keepUntil(news.value, keep, ports.now()) };
}

/** Nobody can end it: its logs get a gap and an end, the API server has our request, and the run goes on. */
async function leave({ pods, view, carriers, events, ports }: Leaving): Promise<void> {
  carriers.abandon();
  await stoppable(carriers.all(), ports.signal);
  pods.log.warn({ pod: view.name, node: view.nodeName }, "a pod's node is silent; it is left to the API server");
  events.podUnreachable(view);
}

function mainEnded(news: PodNews): boolean {
  return news === "gone" || mainOf(news)?.state.kind === "terminated";
}

/**
 * Every container has ended and the delete is accepted: nothing of the pod can run again, and waiting two seconds more
 * for the kubelet to say so would only keep the run open. (restartPolicy is Never.)
 */
function nothingRuns(news: PodNews): boolean {
  return news === "gone" || hasEnded(news);
}

/** Containers other than main that have ended: their logs go with the pod too. Those that still run end with it. */
async function settled(carriers: LogCarriers, news: PodNews): Promise<Carried[]> {
  if (news === "gone") return [];
  const done = news.containers.filter(({ state }) => state.kind === "terminated");
  const carried = await Promise.all(done.map(async ({ name }) => await carriers.of(name)));
  return carried.filter((one) => one !== undefined);
}

/** Waits for it; false once the pod's grace is long over. */
async function reaches(
  { news, view, ports: { signal, now } }: Leaving,
  reached: (news: PodNews) => boolean,
): Promise<boolean> {
  const asked = now();
  while (!reached(news.value)) {
    stopIfTold(signal);
    const left = goneBy(news.value === "gone" ? view : news.value, asked) - now();
    if (left <= 0) return false;
    await news.next(left, signal);
  }
  return true;
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
