import type { AttemptRef, LogCheckpoint, LogEnd, LogEpoch, LogFenced, LogRef, LogSink, LogWriter } from "@slipway/dag";
import { sleep, within } from "./backoff.ts";
import type { Cluster } from "./cluster.ts";
import { Latest } from "./latest.ts";
import { type Carried, carryLog, type ContainerLife } from "./log-carrier.ts";
import type { Interval } from "./log-hole.ts";
import { ROTATION_BYTES } from "./log-rotation.ts";
import type { PodsLog } from "./log.ts";
import type { PodNews } from "./namespace-watch.ts";
import type { ContainerView, PodView } from "./pod-view.ts";

/** A container that has printed nothing yet sends nothing that shows that it is followed: after so long it counts as followed. */
const SILENT_MS = 1_000;
/** What cannot be followed is not waited for longer before its pod is ended. */
const FOLLOWED_MS = 5_000;

export interface CarriersOptions {
  readonly cluster: Pick<Cluster, "readLog">;
  readonly attempt: AttemptRef;
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly epoch: LogEpoch;
  readonly sink: LogSink;
  readonly log: PodsLog;
  /** Of one container's first life: see Carriage. */
  readonly checkpoint?: { readonly container: string; readonly at: LogCheckpoint } | undefined;
  /** See Carriage; default: the kubelet's own. */
  readonly rotationBytes?: number | undefined;
  /** See Carriage. */
  readonly giveUpMs?: number;
  /** Once a later watcher has taken over one of the logs. */
  readonly onFenced?: () => void;
  readonly onEnd?: (ref: LogRef, end: LogEnd) => void;
  readonly onGap?: (ref: LogRef, interval: Interval) => void;
}

/**
 * One carrier for each container that has run, all at once; the lives of one container one after the other, because
 * they share a subject.
 */
export class LogCarriers {
  readonly #options: CarriersOptions;
  readonly #stop = new AbortController();
  readonly #news: Latest<PodNews>;
  readonly #lives = new Map<string, { restart: number; done: Promise<Carried> }>();
  readonly #followed = new Map<string, PromiseWithResolvers<void>>();
  readonly #writers = new Map<string, Pick<LogWriter, "checkpoint">>();
  readonly #born = new Set<string>();
  #abandoned = false;
  /** By a later watcher: publish and delete nothing more. By another pod: only this log is not ours. */
  fenced: LogFenced["by"] | undefined;

  constructor(options: CarriersOptions, view: PodView) {
    this.#options = options;
    this.#news = new Latest<PodNews>(view);
    this.update(view);
  }

  /** Starts what is new, and wakes the carriers that wait for their container. */
  update(news: PodNews): void {
    const ran = news === "gone" ? [] : news.containers.filter(hasRun);
    for (const { name } of ran) this.#born.add(name);
    this.#news.set(news);
    if (!this.#stop.signal.aborted) for (const container of ran) this.#carry(container);
  }

  /** The carriage of one container, where it has begun. */
  of(container: string): Promise<Carried> | undefined {
    return this.#lives.get(container)?.done;
  }

  /** Like `of`; a container that never ran gets the end of an empty log. Ask once it cannot start any more. */
  begin(container: string): Promise<Carried> {
    return this.of(container) ?? this.#start(container, 0, undefined);
  }

  /** The node is silent: what has not ended as far as anybody knows gets a gap and an end. */
  abandon(): void {
    this.#abandoned = true;
    this.update(this.#news.value);
  }

  /**
   * Resolves once the kubelet sends what is followed, or after 5 s. Before a pod is deleted: its log goes with it, and only who
   * is reading then hears its last words.
   */
  async followed(): Promise<void> {
    await within(FOLLOWED_MS, Promise.all(Array.from(this.#followed.values(), async ({ promise }) => await promise)));
  }

  /** Where the log of a container's newest life stands, once its sink was open. */
  checkpoint(container: string): LogCheckpoint | undefined {
    return this.#writers.get(container)?.checkpoint;
  }

  /** Every carriage begun. */
  async all(): Promise<readonly Carried[]> {
    return await Promise.all(Array.from(this.#lives.values(), async ({ done }) => await done));
  }

  /** Flushes, without an end; within `ms`. What was not flushed then is read again by the next watcher. */
  async close(ms: number): Promise<void> {
    this.#stop.abort();
    await within(ms, this.all());
  }

  #carry({ name, restartCount }: ContainerView): void {
    const before = this.#lives.get(name);
    if (before === undefined || before.restart < restartCount) void this.#start(name, restartCount, before?.done);
  }

  #start(container: string, restart: number, before: Promise<Carried> | undefined): Promise<Carried> {
    const followed = Promise.withResolvers<void>();
    this.#followed.set(container, followed);
    const done = this.#run(container, restart, before, followed.resolve).finally(followed.resolve);
    this.#lives.set(container, { restart, done });
    return done;
  }

  async #run(
    container: string,
    restart: number,
    before: Promise<Carried> | undefined,
    onFollowed: () => void,
  ): Promise<Carried> {
    await before;
    const {
      cluster,
      attempt,
      pod,
      epoch,
      sink,
      log,
      giveUpMs,
      onEnd,
      onGap,
      checkpoint,
      rotationBytes = ROTATION_BYTES,
    } = this.#options;
    const ref: LogRef = { attempt, container, podUid: pod.uid, restart };
    const carried = await carryLog({
      cluster: heard(cluster, onFollowed),
      pod,
      ref,
      epoch,
      sink,
      log,
      life: () => this.#lifeOf(container, restart),
      lifeChange: async (ms, signal) => {
        await this.#news.next(ms, signal);
      },
      leaving: () => this.#news.value === "gone" || this.#news.value.deletion !== undefined,
      signal: this.#stop.signal,
      rotationBytes,
      checkpoint: checkpoint?.container === container && restart === 0 ? checkpoint.at : undefined,
      onGap: (interval) => onGap?.(ref, interval),
      onOpen: (writer) => {
        this.#writers.set(container, writer);
        if (writer.position.kind === "fresh") void sleep(SILENT_MS, this.#stop.signal).then(onFollowed);
      },
      ...(giveUpMs === undefined ? {} : { giveUpMs }),
    });
    if (carried.kind === "fenced") {
      if (this.fenced !== "watcher") this.fenced = carried.by;
      if (carried.by === "watcher") this.#options.onFenced?.();
    }
    if (carried.kind === "ended") onEnd?.(ref, carried.end);
    return carried;
  }

  #lifeOf(container: string, restart: number): ContainerLife {
    const life = this.#born.has(container) ? lifeOf(this.#news.value, container, restart) : "unborn";
    return this.#abandoned && (life === "running" || life === "unborn") ? "abandoned" : life;
  }
}

/** A container that waits after a life (a native sidecar between restarts) has a log as well. */
function hasRun({ state, restartCount }: ContainerView): boolean {
  if (state.kind === "terminated") return state.startedAt !== undefined;
  return state.kind === "running" || restartCount > 0;
}

function lifeOf(news: PodNews, name: string, restart: number): ContainerLife {
  if (news === "gone") return "gone";
  const container = news.containers.find((one) => one.name === name);
  if (container === undefined) return "ended";
  if (container.restartCount > restart) return "replaced";
  return container.state.kind === "running" ? "running" : "ended";
}

/** Tells each time that a followed log has begun to come. */
function heard(cluster: Pick<Cluster, "readLog">, onFollowed: () => void): Pick<Cluster, "readLog"> {
  return {
    async *readLog(source, signal) {
      for await (const piece of cluster.readLog(source, signal)) {
        if (source.follow) onFollowed();
        yield piece;
      }
    },
  };
}
