import { defined, type LogEnd, type Outcome, type TaskSpec } from "@slipway/dag";
import type { AttemptEvents } from "./attempt-events.ts";
import { readsLog } from "./attempt-outputs.ts";
import { unlessAborted, within } from "./backoff.ts";
import { LOST } from "./claim.ts";
import { deadlineOf, type Limits } from "./deadline.ts";
import { findPod } from "./find-pod.ts";
import { Gate } from "./gate.ts";
import { isKept } from "./keep.ts";
import { Latest } from "./latest.ts";
import { LogCarriers } from "./log-carriers.ts";
import type { PodNews } from "./namespace-watch.ts";
import type { PodView } from "./pod-view.ts";
import type { PodWarning } from "./pod-warning.ts";
import type { Pods } from "./pods.ts";
import { retrying } from "./retrying.ts";
import type { AttemptInput, Heartbeat, WatcherPorts } from "./run-attempt.ts";
import { stopReason, WatchStopped } from "./stop.ts";
import { goneBy, unreachableAt } from "./unreachable.ts";
import { lastWordOf, outcomeOf, type Verdict } from "./verdict.ts";

/** A verdict waits this long for logs on their way; what is late is read again by the release. */
const FLUSH_MS = 3_000;
/** setTimeout's limit is 2^31 - 1; a look at the clock once an hour costs nothing. */
const LONGEST_WAIT_MS = 3_600_000;

/** From the pod's first sight to the outcome; owns the subscription and the log carriers. */
export class AttemptWatcher {
  readonly #pods: Pods;
  readonly #spec: TaskSpec & Limits;
  readonly #ports: WatcherPorts;
  readonly #events: AttemptEvents;
  readonly #news: Latest<PodNews>;
  readonly #carriers: LogCarriers;
  readonly #unsubscribe: (() => void)[];
  #view: PodView;
  /** The last status of this pod that was told, also where "gone" followed at once. */
  #lastSeen: PodView;
  #warning: PodWarning | undefined;
  readonly #gate: Gate;
  #mainEnd: LogEnd | undefined;

  constructor(pods: Pods, input: AttemptInput, ports: WatcherPorts, events: AttemptEvents, view: PodView) {
    this.#pods = pods;
    this.#spec = { ...input.spec, ...defined({ since: input.since }) };
    this.#ports = ports;
    this.#events = events;
    this.#view = view;
    this.#lastSeen = view;
    this.#gate = new Gate(input.known?.openedAt);
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
        rotationBytes: pods.settings.rotationBytes,
        checkpoint: input.known?.log && { container: view.main, at: input.known.log },
        ...events.ofLogs,
      },
      view,
    );
    this.#unsubscribe = [
      pods.reflector.subscribe(view.namespace, view.name, (news) => {
        this.#hear(news);
      }),
      pods.reflector.subscribeWarnings(view.namespace, view.uid, (warning) => {
        this.#warning = warning;
        this.#news.set(this.#news.value);
      }),
    ];
  }

  /** The newest status seen. */
  get view(): PodView {
    return this.#view;
  }

  get heartbeat(): Heartbeat {
    const { uid, name, namespace, phase, main } = this.#view;
    const { openedAt } = this.#gate;
    const log = this.#carriers.checkpoint(main);
    return {
      uid,
      name,
      namespace,
      phase,
      ...(openedAt !== undefined && { openedAt }),
      ...(log !== undefined && { log }),
    };
  }

  async outcome(): Promise<Outcome> {
    const { signal } = this.#ports;
    for (;;) {
      const verdict = this.#look();
      if (verdict.kind === "ended") {
        if (this.#news.value === "gone") await this.#endLogs();
        const whole = this.#news.value === "gone" || !readsLog(this.#spec, verdict.outcome);
        if (whole || (await this.#carryMain(signal))) return verdict.outcome;
      }
      if (signal.aborted) return await this.stopped();
      await this.#news.next(this.#untilDeadline(), signal);
    }
  }

  /** What the carrier counted of main's log, where it has come to the end. */
  get mainEnd(): LogEnd | undefined {
    return this.#mainEnd;
  }

  /** What being told to stop means: another goes on (thrown), or the pod is ended. */
  async stopped(): Promise<Outcome> {
    const reason = stopReason(this.#ports.signal);
    if (reason.kind !== "cancel") throw new WatchStopped(reason);
    if (this.#carriers.fenced === "watcher") throw new WatchStopped({ kind: "fenced" });
    return await this.#cancel();
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#carriers.close(FLUSH_MS);
  }

  #hear(news: PodNews): void {
    if (news !== "gone" && news.uid === this.#lastSeen.uid) {
      this.#lastSeen = news;
      this.#carriers.update(news);
    }
    this.#news.set(news);
  }

  /** Takes the newest status in: logs, events, verdict. */
  #look(): Verdict {
    const news = this.#news.value;
    this.#carriers.update(news);
    if (news === "gone" || news.uid !== this.#view.uid) return { kind: "ended", outcome: this.#lastWord() };
    this.#view = news;
    const now = this.#ports.now();
    this.#gate.see(news, now);
    const verdict = outcomeOf(news, this.#spec, now, { warning: this.#warning, openedAt: this.#gate.openedAt });
    this.#events.seen(news, verdict.kind === "pending" ? verdict.blocked : undefined);
    return verdict;
  }

  /** The pod is gone: its last status may still say how main ended. What has not ended by then is lost. */
  #lastWord(): Outcome {
    this.#view = this.#lastSeen;
    return lastWordOf(this.#view, this.#spec) ?? LOST;
  }

  /** Deletes with the pod's own grace and waits until it is gone; meanwhile its last lines are carried. */
  async #cancel(): Promise<Outcome> {
    await this.#ports.confirm();
    // Whoever released it meanwhile may have marked it; a watch that is behind (a worker that woke up) does not show that yet.
    const now = await findPod(this.#pods, this.#view);
    if (now?.uid === this.#view.uid && isKept(now, this.#ports.now()))
      return { kind: "cancelled", message: "cancelled; its pod is kept" };
    await this.#carriers.followed();
    await retrying(async () => {
      await this.#pods.cluster.deletePod(this.#view);
    });
    const asked = this.#ports.now();
    const never = new AbortController().signal;
    for (;;) {
      const news = this.#news.value;
      this.#carriers.update(news);
      if (news === "gone" || news.uid !== this.#view.uid) break;
      this.#view = news;
      this.#events.seen(news, undefined);
      const left = goneBy(news, asked) - this.#ports.now();
      // Its logs get their ends from the release, which leaves such a pod to the API server.
      if (left <= 0) return { kind: "cancelled", message: "cancelled; its node is silent, and its pod may still run" };
      await this.#news.next(left, never);
    }
    await this.#endLogs();
    this.#events.podDeleted(this.#view);
    return { kind: "cancelled", message: "cancelled" };
  }

  /** The pod is gone, and nobody can say its uid later: its logs get their ends (or gaps) here. */
  async #endLogs(): Promise<void> {
    await within(FLUSH_MS, this.#carriers.all());
  }

  /** An output from the log waits for the log's end; false where we are told to stop first. */
  async #carryMain(signal: AbortSignal): Promise<boolean> {
    const carried = await unlessAborted(this.#carriers.begin(this.#view.main), signal);
    if (carried?.kind === "fenced" && carried.by === "watcher") throw new WatchStopped({ kind: "fenced" });
    if (carried?.kind === "ended") this.#mainEnd = carried.end;
    return carried !== undefined;
  }

  #untilDeadline(): number {
    const times = [deadlineOf(this.#view, this.#spec, this.#gate.openedAt)?.at, unreachableAt(this.#view)];
    const next = Math.min(...times.filter((at) => at !== undefined)) - this.#ports.now();
    return Math.min(LONGEST_WAIT_MS, Math.max(0, next) + 1);
  }
}
