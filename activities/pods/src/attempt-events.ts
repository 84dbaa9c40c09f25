import type { AttemptRef, EventSink, EventType, JsonObject, LogEnd, LogRef, Outcome, SlipwayEvent } from "@slipway/dag";
import { backoffMs, sleep, within } from "./backoff.ts";
import type { PodId } from "./cluster.ts";
import type { CarriersOptions } from "./log-carriers.ts";
import type { Interval } from "./log-hole.ts";
import type { PodsLog } from "./log.ts";
import { conditionOf, mainOf, type PodView } from "./pod-view.ts";
import type { Blocked } from "./blocked.ts";
import { WatchStopped } from "./stop.ts";
import { silence } from "./unreachable.ts";

const TRIES = 4;

/**
 * The events of one attempt, in order, once each. Their times and data are the pod's own, so another watcher that
 * repeats one sends the same. Publishing goes on behind the watcher's back and never fails the attempt.
 */
export class AttemptEvents {
  readonly #ref: AttemptRef;
  readonly #sink: EventSink;
  readonly #log: PodsLog;
  readonly #now: () => number;
  readonly #confirm: () => Promise<void>;
  readonly #said = new Set<string>();
  #queue: Promise<void> = Promise.resolve();
  #muted = false;

  /**
   * `now` in milliseconds since 1970, for what the pod gives no time for. `confirm`: asked before each event; where it throws
   * WatchStopped another tells the rest. A release needs none: whoever repeats one tells the same.
   */
  constructor(
    ref: AttemptRef,
    sink: EventSink,
    log: PodsLog,
    now: () => number,
    confirm: () => Promise<void> = async () => undefined,
  ) {
    this.#ref = ref;
    this.#sink = sink;
    this.#log = log;
    this.#now = now;
    this.#confirm = confirm;
  }

  /** What carriers tell: ends and gaps; once fenced, a later watcher tells the rest. */
  readonly ofLogs: Required<Pick<CarriersOptions, "onFenced" | "onEnd" | "onGap">> = {
    onFenced: () => {
      this.#muted = true;
    },
    onEnd: (log, end) => {
      this.#logEnded(log, end);
    },
    onGap: (log, gap) => {
      this.#logGap(log, gap);
    },
  };

  created(view: PodView): void {
    this.#say("attempt.created", podData(view), { time: view.createdAt });
  }

  /** What a status shows: scheduled, blocked (once for each reason), started. */
  seen(view: PodView, blocked: Blocked | undefined): void {
    const { nodeName } = view;
    if (nodeName !== undefined) {
      const time = conditionOf(view, "PodScheduled")?.since;
      this.#say("attempt.scheduled", { ...podData(view), node: nodeName }, { time });
    }
    if (blocked !== undefined) {
      const { reason, message } = blocked;
      this.#say(
        "attempt.blocked",
        { ...podData(view), reason, message: message.slice(0, 1024) },
        { facts: { reason } },
      );
    }
    const main = mainOf(view)?.state;
    const startedAt = main?.kind === "waiting" ? undefined : main?.startedAt;
    if (startedAt !== undefined) this.#say("attempt.started", podData(view), { time: startedAt });
  }

  finished(outcome: Outcome, view: PodId | undefined): void {
    const data = { ...(view === undefined ? {} : podData(view)), outcome: { ...outcome } };
    this.#say("attempt.finished", data, { time: outcome.finishedAt });
  }

  podDeleted(view: PodId): void {
    this.#say("pod.deleted", podData(view));
  }

  /** Where we leave a pod that nobody can end: the API server has our delete request, the node has not answered it. */
  podUnreachable(view: PodView): void {
    const { nodeName: node } = view;
    this.#say("pod.unreachable", { ...podData(view), ...(node !== undefined && { node }), message: silence(view) });
  }

  #logEnded({ container, restart, podUid }: LogRef, end: LogEnd): void {
    this.#say("log.ended", { container, restart, uid: podUid, ...end }, { facts: { container, restart, podUid } });
  }

  #logGap({ container, restart, podUid }: LogRef, gap: Interval): void {
    const facts = { container, restart, podUid, from: gap.from ?? "", to: gap.to ?? "" };
    this.#say("log.gap", { container, restart, uid: podUid, ...gap }, { facts });
  }

  /** Waits at most `ms` for what is on its way. */
  async flush(ms: number): Promise<void> {
    await within(ms, this.#queue);
  }

  #say(type: EventType, data: JsonObject, more: { time?: string | undefined; facts?: JsonObject } = {}): void {
    const { time = new Date(this.#now()).toISOString(), facts } = more;
    const key = `${type} ${JSON.stringify(facts ?? null)}`;
    if (this.#muted || this.#said.has(key)) return;
    this.#said.add(key);
    const { attempt, ...ref } = this.#ref;
    const event: SlipwayEvent = { type, ref, attempt, time, data, ...(facts === undefined ? {} : { facts }) };
    this.#queue = this.#queue.then(async () => {
      await this.#publish(event);
    });
  }

  async #publish(event: SlipwayEvent): Promise<void> {
    for (let failures = 0; ; failures++) {
      if (this.#muted) return;
      try {
        await this.#confirm();
        await this.#sink.publish([event]);
        return;
      } catch (error) {
        this.#muted ||= error instanceof WatchStopped;
        this.#log.warn({ event: event.type, error: String(error) }, "an event was not published");
        if (failures + 1 >= TRIES) return;
      }
      await sleep(backoffMs(failures));
    }
  }
}

function podData({ name, namespace, uid }: PodId): JsonObject {
  return { pod: { name, namespace, uid } };
}
