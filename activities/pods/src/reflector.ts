import type { Cluster } from "./cluster.ts";
import type { PodsLog } from "./log.ts";
import { NamespaceWatch, type OnNews, REFLECTOR_TIMES, type ReflectorTimes } from "./namespace-watch.ts";
import { type OnWarning, WarningWatch } from "./warning-watch.ts";

/** Milliseconds a namespace without subscribers is still watched: the next task of a chain comes soon. */
const IDLE_MS = 60_000;

/** What is watched in one namespace. */
interface Watches {
  readonly pods: NamespaceWatch;
  readonly warnings: WarningWatch;
}

/**
 * One list and watch per namespace for a whole worker, whatever the number of pods: no pod is polled. A second watch brings
 * the warnings about them (Kubernetes Events), where that is allowed.
 * It sees the pods of one installation and one Temporal namespace (the label selector).
 */
export class Reflector {
  readonly #cluster: Cluster;
  readonly #labelSelector: string;
  readonly #log: PodsLog;
  readonly #times: ReflectorTimes & { readonly idleMs: number };
  readonly #watches = new Map<string, Watches>();
  readonly #idle = new Map<string, NodeJS.Timeout>();
  readonly #withoutWarnings = new Set<string>();

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
    return this.#subscribe(namespace, ({ pods }) => pods.subscribe(podName, onNews));
  }

  /** Calls `onWarning` with each warning about this pod from now on; it must not throw. */
  subscribeWarnings(namespace: string, podUid: string, onWarning: OnWarning): () => void {
    return this.#subscribe(namespace, ({ warnings }) => warnings.subscribe(podUid, onWarning));
  }

  async close(): Promise<void> {
    for (const timer of this.#idle.values()) clearTimeout(timer);
    this.#idle.clear();
    const watches = [...this.#watches.values()];
    this.#watches.clear();
    await Promise.all(watches.map(closeBoth));
  }

  #subscribe(namespace: string, how: (watches: Watches) => () => void): () => void {
    const watches = this.#watch(namespace);
    const unsubscribe = how(watches);
    return () => {
      unsubscribe();
      if (watches.pods.idle && watches.warnings.idle) this.#stopLater(namespace, watches);
    };
  }

  #watch(namespace: string): Watches {
    clearTimeout(this.#idle.get(namespace));
    this.#idle.delete(namespace);
    const known = this.#watches.get(namespace);
    if (known !== undefined) return known;
    const scope = { namespace, labelSelector: this.#labelSelector };
    const watches = {
      pods: new NamespaceWatch(this.#cluster, scope, this.#times, this.#log),
      warnings: new WarningWatch(this.#cluster, namespace, this.#times, this.#log, () => {
        this.#goOnWithoutWarnings(namespace);
      }),
    };
    this.#watches.set(namespace, watches);
    return watches;
  }

  #goOnWithoutWarnings(namespace: string): void {
    if (this.#withoutWarnings.has(namespace)) return;
    this.#withoutWarnings.add(namespace);
    this.#log.warn({ namespace }, "events may not be watched here: a pod that waits is explained by its status alone");
  }

  #stopLater(namespace: string, watches: Watches): void {
    if (this.#watches.get(namespace) !== watches) return;
    clearTimeout(this.#idle.get(namespace));
    const timer = setTimeout(() => {
      this.#idle.delete(namespace);
      this.#watches.delete(namespace);
      void closeBoth(watches);
    }, this.#times.idleMs);
    timer.unref();
    this.#idle.set(namespace, timer);
  }
}

async function closeBoth({ pods, warnings }: Watches): Promise<void> {
  await Promise.all([pods.close(), warnings.close()]);
}
