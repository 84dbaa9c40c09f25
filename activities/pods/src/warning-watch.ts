import type { Cluster, WarningEvent } from "./cluster.ts";
import type { PodsLog } from "./log.ts";
import { holdsUp, type PodWarning } from "./pod-warning.ts";
import { Subscribers } from "./subscribers.ts";
import { type WatchSource, watchOn, type WatchTimes } from "./watch-loop.ts";

type Source = Pick<Cluster, "warningsVersion" | "watchWarnings">;
export type OnWarning = (warning: PodWarning) => void;

/**
 * What holds up pods of one namespace, by the warnings about them, from now on: it is said again until it passes. It keeps none of
 * them, and hands out those of pods that somebody asked for.
 */
export class WarningWatch {
  readonly #cluster: Source;
  readonly #namespace: string;
  readonly #times: WatchTimes;
  readonly #log: PodsLog;
  readonly #forbidden: () => void;
  readonly #stop = new AbortController();
  readonly #subscribers = new Subscribers<PodWarning>();
  #running: Promise<void> | undefined;

  /** `forbidden`: called where we may not watch events; then there are no warnings. */
  constructor(cluster: Source, namespace: string, times: WatchTimes, log: PodsLog, forbidden: () => void) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    // A list is only "from now": one more would skip what happened in between.
    this.#times = { ...times, relistMs: Number.POSITIVE_INFINITY };
    this.#log = log;
    this.#forbidden = forbidden;
  }

  get idle(): boolean {
    return this.#subscribers.isEmpty;
  }

  subscribe(podUid: string, onWarning: OnWarning): () => void {
    this.#running ??= this.#run();
    return this.#subscribers.add(podUid, onWarning);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const source: WatchSource<WarningEvent> = {
      what: "warnings",
      namespace: this.#namespace,
      list: async () => await this.#cluster.warningsVersion(this.#namespace),
      watch: (from) => this.#cluster.watchWarnings(this.#namespace, from),
      apply: ({ warning }) => {
        if (warning !== undefined && holdsUp(warning)) this.#subscribers.tell(warning.podUid, warning);
      },
      forbidden: this.#forbidden,
    };
    await watchOn(source, this.#times, this.#log, this.#stop.signal);
  }
}
