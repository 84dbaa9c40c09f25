import { WatchStopped } from "./stop.ts";

/** Temporal's heartbeatTimeout of `runPod`: after it another watcher may have taken the attempt over. Milliseconds. */
const HEARTBEAT_TIMEOUT_MS = 30_000;
/** Less than that by what a request to Kubernetes may take. */
const ANSWER_GOOD_MS = 20_000;

/**
 * Whether an attempt may be another watcher's by now, because this one was stopped (SIGSTOP, a machine or a network asleep). It
 * asks before it makes its pod, ends it, or says an event. Lines of a log need no asking: a frame is published behind the last
 * one's sequence and with the watcher's epoch, so JetStream itself refuses those of one whose place was taken.
 */
export class Freshness {
  readonly #isCurrent: () => Promise<boolean>;
  readonly #now: () => number;
  #beat: number;
  /** It was stopped and has not asked since. */
  #stale = false;
  #answeredUntil = Number.NEGATIVE_INFINITY;

  /** `now` in milliseconds since 1970: the clock that goes on while a machine sleeps. */
  constructor(isCurrent: () => Promise<boolean>, now: () => number) {
    this.#isCurrent = isCurrent;
    this.#now = now;
    this.#beat = now();
  }

  /** The watcher runs. What it slept through before is not forgotten by that. */
  beat(): void {
    const now = this.#now();
    this.#stale ||= now - this.#beat > HEARTBEAT_TIMEOUT_MS;
    this.#beat = now;
  }

  /** Before what cannot be undone. Throws WatchStopped where the attempt is another's; rejects where nobody can say. */
  async confirm(): Promise<void> {
    this.beat();
    if (this.#stale) await this.#ask();
  }

  /**
   * Before a pod is made, which nothing else protects: once an attempt's pod is deleted its name is free. So heartbeats that
   * nobody answered prove nothing, and neither does having just begun: a worker that slept may be handed a task that is old
   * when it wakes up, and whose attempt another has ended since.
   */
  async confirmCreate(): Promise<void> {
    this.beat();
    if (this.#stale || this.#beat >= this.#answeredUntil) await this.#ask();
  }

  async #ask(): Promise<void> {
    const asked = this.#now();
    if (!(await this.#isCurrent())) throw new WatchStopped({ kind: "let-go" });
    this.#answeredUntil = asked + ANSWER_GOOD_MS;
    this.#stale = false;
    this.#beat = this.#now();
  }
}
