import { WatchStopped } from "./stop.ts";

/** Temporal's heartbeatTimeout of `runPod`: after it another watcher may have taken the attempt over. Milliseconds. */
const HEARTBEAT_TIMEOUT_MS = 30_000;

/**
 * Whether a watcher may have been stopped (SIGSTOP, a machine asleep) for so long that its attempt is another's by now. It asks
 * before it makes its pod, ends it, or says an event. Lines of a log need no asking: a frame is published behind the last one's
 * sequence and with the watcher's epoch, so JetStream itself refuses those of one whose place was taken.
 */
export class Freshness {
  readonly #now: () => number;
  #beat: number;
  #stale = false;

  /** `now` in milliseconds since 1970: the clock that goes on while a machine sleeps. */
  constructor(now: () => number) {
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
  async confirm(isCurrent: () => Promise<boolean>): Promise<void> {
    this.beat();
    if (!this.#stale) return;
    if (!(await isCurrent())) throw new WatchStopped({ kind: "let-go" });
    this.#stale = false;
    this.#beat = this.#now();
  }
}
