import { defined, type EventSink, type Given, type LogCheckpoint, type LogSink, type Outcome } from "@slipway/dag";
import type { AttemptResult, RunPodInput } from "@slipway/run";
import { AttemptEvents } from "./attempt-events.ts";
import { unlessAborted } from "./backoff.ts";
import { withGiven, withOutputs } from "./attempt-outputs.ts";
import { AttemptWatcher } from "./attempt-watcher.ts";
import { type Claim, claimMade, claimPod } from "./claim.ts";
import { tooLate, totalTime } from "./deadline.ts";
import { Freshness } from "./freshness.ts";
import type { PodView } from "./pod-view.ts";
import type { Pods } from "./pods.ts";
import { stopReason, WatchStopped } from "./stop.ts";

/**
 * What a watcher tells Temporal, and what the next one is told: ≤ 1 KB. `phase` is the pod's; it, name and namespace are for
 * people.
 */
export interface Heartbeat {
  readonly uid: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly phase?: string;
  /** When the pod's last scheduling gate went; milliseconds since 1970. */
  readonly openedAt?: number;
  /** Where main's log stands. */
  readonly log?: LogCheckpoint;
}

export interface AttemptInput extends RunPodInput {
  /** The activity's own attempt, from 1: the same pod seen again. */
  readonly activityAttempt: number;
  /** The last heartbeat of an earlier activity attempt, or any other proof that the pod was made. */
  readonly known?: Heartbeat;
  /** The attempt ends so, without a pod. */
  readonly refused?: Outcome;
}

export interface AttemptPorts {
  readonly logs: LogSink;
  readonly events: EventSink;
  /** Called at once and about every 5 s; with what is known of the pod, so nothing where nothing is. Must not throw. */
  readonly heartbeat: (details?: Heartbeat) => void;
  /**
   * Whether Temporal still waits for this attempt of the activity, or for none because the run is over. Asked before the pod is
   * made, and where the watcher may have been stopped. It counts as a heartbeat with these details.
   */
  readonly isCurrent: (details?: Heartbeat) => Promise<boolean>;
  /** Evaluates what the task hands on besides what its container gave, once that has ended well. */
  readonly give?: () => Promise<Given>;
  /** Aborted with a `StopReason`. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface WatcherPorts extends AttemptPorts {
  /** Before what another watcher may have begun to do. Throws WatchStopped where the attempt is another's. */
  readonly confirm: () => Promise<void>;
}

const HEARTBEAT_MS = 5_000;
/** An outcome waits this long for events on their way. */
const FLUSH_MS = 3_000;

/**
 * One attempt: create or adopt its pod, watch it, carry its logs and events, and give the outcome as soon as the main
 * container's status does. It deletes on `cancel` alone. Killed at any point and called again, it goes on with the same pod.
 * @throws ApiError where Kubernetes cannot be reached, WatchStopped on `hand-off` and `let-go`
 */
export async function runAttempt(pods: Pods, input: AttemptInput, ports: AttemptPorts): Promise<AttemptResult> {
  let watcher: AttemptWatcher | undefined;
  const heartbeat = () => watcher?.heartbeat ?? input.known;
  const freshness = new Freshness(() => ports.isCurrent(heartbeat()), ports.now);
  const confirm = () => freshness.confirm();
  const events = new AttemptEvents(input.ref, ports.events, pods.log, ports.now, confirm);
  const limits = { timeout: input.spec.timeout, ...defined({ since: input.since }) };
  const beat = () => {
    freshness.beat();
    ports.heartbeat(heartbeat());
  };
  // Heartbeats are throttled, and the uid must go out as soon as there is one: before that, only what is known already.
  if (input.known !== undefined) beat();
  const timer = setInterval(beat, HEARTBEAT_MS);
  try {
    if (input.refused !== undefined) {
      events.finished(input.refused, undefined);
      return { outcome: input.refused };
    }
    const late = input.known === undefined ? tooLate(limits, ports.now()) : undefined;
    const claim =
      late === undefined
        ? await claimUnlessStopped(pods, input, ports.signal, () => freshness.confirmCreate())
        : await claimMade(pods, input.ref, input.spec, late);
    if (claim.kind === "ended") {
      events.finished(claim.outcome, undefined);
      return { outcome: claim.outcome };
    }
    watcher = new AttemptWatcher(pods, input, { ...ports, confirm }, events, claim.view);
    beat();
    const outcome = await watcher.outcome();
    const { view, mainEnd: logEnd } = watcher;
    const { signal } = ports;
    const read = withOutputs(outcome, input.spec, { cluster: pods.cluster, view, logEnd, signal });
    const outputs = read.then((ended) => withGiven(ended, ports.give));
    const ended = (await unlessAborted(outputs, signal)) ?? { outcome: await watcher.stopped() };
    events.finished(ended.outcome, view);
    const total = totalTime(limits, watcher.heartbeat.openedAt ?? Date.parse(view.createdAt), ports.now());
    return { ...ended, ...defined({ total }), pod: podOf(view) };
  } finally {
    clearInterval(timer);
    await Promise.all([watcher?.close(), events.flush(FLUSH_MS)]);
  }
}

/** Told to stop before there is a pod: nothing was done, and nothing is left. */
async function claimUnlessStopped(
  pods: Pods,
  { ref, spec, known }: AttemptInput,
  signal: AbortSignal,
  confirm: () => Promise<void>,
): Promise<Claim> {
  try {
    return await claimPod(pods, ref, spec, known?.uid, signal, confirm);
  } catch (error) {
    if (!signal.aborted) throw error;
    const reason = stopReason(signal);
    if (reason.kind !== "cancel") throw new WatchStopped(reason);
    return { kind: "ended", outcome: { kind: "cancelled", message: "cancelled before its pod was made" } };
  }
}

function podOf({ namespace, name, uid, nodeName }: PodView): NonNullable<AttemptResult["pod"]> {
  return { namespace, name, uid, ...(nodeName === undefined ? {} : { node: nodeName }) };
}
