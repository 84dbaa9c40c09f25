import { conditionOf, type PodView } from "./pod-view.ts";

/**
 * When a pod's last scheduling gate went (Kueue, say, let it in): time behind a gate counts in no timeout, and the pod's own
 * times do not tell. So it is remembered, from watcher to watcher in the heartbeat; one that does not know counts from its
 * own first sight.
 */
export class Gate {
  #closed = false;
  #openedAt: number | undefined;

  /** `openedAt`: what an earlier watcher saw; milliseconds since 1970. */
  constructor(openedAt?: number) {
    this.#openedAt = openedAt;
  }

  get openedAt(): number | undefined {
    return this.#openedAt;
  }

  see(view: PodView, now: number): void {
    if (isGated(view)) {
      this.#closed = true;
      this.#openedAt = undefined;
    } else if (this.#closed || wasGated(view)) this.#openedAt ??= now;
  }
}

export function isGated(view: PodView): boolean {
  return conditionOf(view, "PodScheduled")?.reason === "SchedulingGated";
}

/** The API server writes the condition of a gated pod without a time, and the scheduler keeps it until it finds a node. */
function wasGated(view: PodView): boolean {
  const scheduled = conditionOf(view, "PodScheduled");
  return scheduled?.status === "False" && scheduled.since === undefined;
}
