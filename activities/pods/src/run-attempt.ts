import type { EventSink, LogSink, Outcome, TaskSpec } from "@slipway/dag";
import type { AttemptResult, RunPodInput } from "@slipway/run";
import { AttemptEvents } from "./attempt-events.ts";
import { within } from "./backoff.ts";
import { type Claim, claimPod, LOST } from "./claim.ts";
import { deadlineOf } from "./deadline.ts";
import { Latest } from "./latest.ts";
import { LogCarriers } from "./log-carriers.ts";
import type { PodNews } from "./namespace-watch.ts";
import type { PodView } from "./pod-view.ts";
import type { Pods } from "./pods.ts";
import { retrying } from "./retrying.ts";
import { stopReason, WatchStopped } from "./stop.ts";
import { outcomeOf, type Verdict } from "./verdict.ts";

/** What a watcher tells Temporal, and what the next one is told: ≤ 1 KB. `phase` is the pod's; all but `uid` is for people. */
export interface Heartbeat {
  readonly uid: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly phase?: string;
}

export interface AttemptInput extends RunPodInput {
  /** The activity's own attempt, from 1: the same pod seen again. */
  readonly activityAttempt: number;
  /** The last heartbeat of an earlier activity attempt, or any other proof that the pod was made. */
  readonly known?: Heartbeat;
}

export interface AttemptPorts {
  readonly logs: LogSink;
  readonly events: EventSink;
  /** Called at once and about every 5 s; with what is known of the pod, so nothing where nothing is. Must not throw. */
  readonly heartbeat: (details?: Heartbeat) => void;
  /** Aborted with a `StopReason`. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const HEARTBEAT_MS = 5_000;
/** A verdict waits this long for logs and events on their way; what is late is read again by the release. */
const FLUSH_MS = 3_000;
/** A pod still there this long after its grace is out of reach. */
const BEYOND_GRACE_MS = 60_000;
/** setTimeout's limit is 2^31 - 1; a look at the clock once an hour costs nothing. */
const LONGEST_WAIT_MS = 3_600_000;

/**
 * One attempt: create or adopt its pod, watch it, carry its logs and events, and give the outcome as soon as the main
 * container's status does. It deletes on `cancel` alone. Killed at any point and called again, it goes on with the same pod.
 * @throws ApiError where Kubernetes cannot be reached, WatchStopped on `hand-off` and `let-go`
 */
export async function runAttempt(pods: Pods, input: AttemptInput, ports: AttemptPorts): Promise<AttemptResult> {
  const events = new AttemptEvents(input.ref, ports.events, pods.log, ports.now);
  let watcher: AttemptWatcher | undefined;
  const beat = () => {
    ports.heartbeat(watcher?.heartbeat ?? input.known);
  };
  beat();
  const timer = setInterval(beat, HEARTBEAT_MS);
  try {
    const claim = await claimUnlessStopped(pods, input, ports.signal);
    if (claim.kind === "ended") {
      events.finished(claim.outcome, undefined);
      return { outcome: claim.outcome };
    }
    watcher = new AttemptWatcher(pods, input, ports, events, claim.view);
    beat();
    const outcome = await watcher.outcome();
    events.finished(outcome, watcher.view);
    return { outcome, pod: podOf(watcher.view) };
  } finally {
    clearInterval(timer);
    await Promise.all([watcher?.close(), events.flush(FLUSH_MS)]);
  }
}

/** Told to stop before there is a pod: nothing was done, and nothing is left. */
async function claimUnlessStopped(pods: Pods, { ref, spec, known }: AttemptInput, signal: AbortSignal): Promise<Claim> {
  try {
    return await claimPod(pods, ref, spec, known?.uid, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    const reason = stopReason(signal);
    if (reason.kind !== "cancel") throw new WatchStopped(reason);
    return { kind: "ended", outcome: { kind: "cancelled", message: "cancelled before its pod was made" } };
  }
}

/** From the pod's first sight to the outcome; owns the subscription and the log carriers. */
class AttemptWatcher {
  readonly #pods: Pods;
  readonly #spec: TaskSpec;
  readonly #ports: AttemptPorts;
  readonly #events: AttemptEvents;
  readonly #news: Latest<PodNews>;
  readonly #carriers: LogCarriers;
  readonly #unsubscribe: () => void;
  #view: PodView;

  constructor(pods: Pods, input: AttemptInput, ports: AttemptPorts, events: AttemptEvents, view: PodView) {
    this.#pods = pods;
    this.#spec = input.spec;
    this.#ports = ports;
    this.#events = events;
    this.#view = view;
    this.#news = new Latest<PodNews>(view);
    events.created(view);
    this.#carriers = new LogCarriers(
      {
        cluster: pods.cluster,
        attempt: input.ref,
        pod: view,
        epoch: { hop: input.hop, stage: 0, attempt: input.activityAttempt },
        sink: ports.logs,
        log: pods.log,
        onFenced: () => {
          events.mute();
        },
        onEnd: (log, end) => {
          events.logEnded(log, end);
        },
        onGap: (log, gap) => {
          events.logGap(log, gap);
        },
      },
      view,
    );
    this.#unsubscribe = pods.reflector.subscribe(view.namespace, view.name, this.#news.set);
  }

  /** The newest status seen. */
  get view(): PodView {
    return this.#view;
  }

  get heartbeat(): Heartbeat {
    const { uid, name, namespace, phase } = this.#view;
    return { uid, name, namespace, phase };
  }

  async outcome(): Promise<Outcome> {
    const { signal } = this.#ports;
    for (;;) {
      const verdict = this.#look();
      if (verdict.kind === "ended") {
        if (verdict.outcome.kind === "lost") await this.#endLogs();
        return verdict.outcome;
      }
      if (signal.aborted) return await this.#stopped();
      await this.#news.next(this.#untilDeadline(), signal);
    }
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    await this.#carriers.close(FLUSH_MS);
  }

  /** Takes the newest status in: logs, events, verdict. */
  #look(): Verdict {
    const news = this.#news.value;
    this.#carriers.update(news);
    if (news === "gone" || news.uid !== this.#view.uid) return { kind: "ended", outcome: LOST };
    this.#view = news;
    const verdict = outcomeOf(news, this.#spec, this.#ports.now());
    this.#events.seen(news, verdict.kind === "pending" ? verdict.blocked : undefined);
    return verdict;
  }

  async #stopped(): Promise<Outcome> {
    const reason = stopReason(this.#ports.signal);
    if (reason.kind !== "cancel") throw new WatchStopped(reason);
    if (this.#carriers.fenced) throw new WatchStopped({ kind: "fenced" });
    return await this.#cancel();
  }

  /** Deletes with the pod's own grace and waits until it is gone; meanwhile its last lines are carried. */
  async #cancel(): Promise<Outcome> {
    await retrying(async () => {
      await this.#pods.cluster.deletePod(this.#view);
    });
    const until = performance.now() + this.#view.graceSeconds * 1000 + BEYOND_GRACE_MS;
    const never = new AbortController().signal;
    for (;;) {
      const news = this.#news.value;
      this.#carriers.update(news);
      if (news === "gone" || news.uid !== this.#view.uid) break;
      this.#view = news;
      this.#events.seen(news, undefined);
      const left = until - performance.now();
      if (left <= 0) return { kind: "cancelled", message: "cancelled; its pod has not ended yet" };
      await this.#news.next(left, never);
    }
    await this.#endLogs();
    return { kind: "cancelled", message: "cancelled" };
  }

  /** The pod is gone, and nobody can say its uid later: its logs get their ends (or gaps) here. */
  async #endLogs(): Promise<void> {
    await within(FLUSH_MS, this.#carriers.all());
  }

  #untilDeadline(): number {
    const deadline = deadlineOf(this.#view, this.#spec);
    if (deadline === undefined) return LONGEST_WAIT_MS;
    return Math.min(LONGEST_WAIT_MS, Math.max(0, deadline.at - this.#ports.now()) + 1);
  }
}

function podOf({ namespace, name, uid, nodeName }: PodView): NonNullable<AttemptResult["pod"]> {
  return { namespace, name, uid, ...(nodeName === undefined ? {} : { node: nodeName }) };
}
