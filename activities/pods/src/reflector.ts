import type { Cluster } from "./cluster.ts";
import type { PodsLog } from "./log.ts";
import { NamespaceWatch, type OnNews, REFLECTOR_TIMES, type ReflectorTimes } from "./namespace-watch.ts";

/** Milliseconds a namespace without subscribers is still watched: the next task of a chain comes soon. */
const IDLE_MS = 60_000;

/**
 * One list and watch per namespace for a whole worker, whatever the number of pods: no pod is polled.
 * It sees the pods of one installation and one Temporal namespace (the label selector).
 */
export class Reflector {
  readonly #cluster: Cluster;
  readonly #labelSelector: string;
  readonly #log: PodsLog;
  readonly #times: ReflectorTimes & { readonly idleMs: number };
  readonly #watches = new Map<string, NamespaceWatch>();
  readonly #idle = new Map<string, NodeJS.Timeout>();

  constructor(
    cluster: Cluster,
    labelSelector: string,
    log: PodsLog,
    times: Partial<ReflectorTimes & { idleMs: number }> = {},
  ) {
    this.#cluster = cluster;
    this.#labelSelector = labelSelector;
    this.#log = log;
    this.#times = { ...REFLECTOR_TIMES, idleMs: IDLE_MS, ...times };
  }

  /**
   * Calls `onNews` with the newest state at once where it is known, and at each change; `gone` once the pod is.
   * `onNews` must not throw. Subscribe after the pod was seen (created, got): a name that never stood for a pod is `gone` too.
   * @returns unsubscribe; calling it twice does no harm
   */
  subscribe(namespace: string, podName: string, onNews: OnNews): () => void {
    const watch = this.#watch(namespace);
    const unsubscribe = watch.subscribe(podName, onNews);
    return () => {
      unsubscribe();
      if (watch.idle) this.#stopLater(namespace, watch);
    };
  }

  async close(): Promise<void> {
    for (const timer of this.#idle.values()) clearTimeout(timer);
    this.#idle.clear();
    const watches = [...this.#watches.values()];
    this.#watches.clear();
    await Promise.all(watches.map(async (watch) => await watch.close()));
  }

  #watch(namespace: string): NamespaceWatch {
    clearTimeout(this.#idle.get(namespace));
    this.#idle.delete(namespace);
    const known = this.#watches.get(namespace);
    if (known !== undefined) return known;
    const scope = { namespace, labelSelector: this.#labelSelector };
    const watch = new NamespaceWatch(this.#cluster, scope, this.#times, this.#log);
    this.#watches.set(namespace, watch);
    return watch;
  }

  #stopLater(namespace: string, watch: NamespaceWatch): void {
    if (this.#watches.get(namespace) !== watch) return;
    clearTimeout(this.#idle.get(namespace));
    const timer = setTimeout(() => {
      this.#idle.delete(namespace);
      this.#watches.delete(namespace);
      void watch.close();
    }, this.#times.idleMs);
    timer.unref();
    this.#idle.set(namespace, timer);
  }
}
