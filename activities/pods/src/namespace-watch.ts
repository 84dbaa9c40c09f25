import { isFault } from "./api-error.ts";
import type { Cluster, PodScope, WatchEvent, WatchFrom } from "./cluster.ts";
import type { PodsLog } from "./log.ts";
import type { PodView } from "./pod-view.ts";
import { Subscribers } from "./subscribers.ts";
import { watchOn, type WatchTimes } from "./watch-loop.ts";

/** The newest state of a pod, or `gone`: its name stands for no pod any more. */
export type PodNews = PodView | "gone";
export type OnNews = (news: PodNews) => void;

export interface ReflectorTimes extends WatchTimes {
  /** A subscriber's pod that the watch has not shown after this long is asked for by name; then after twice as long. */
  readonly confirmMs: number;
}

export const REFLECTOR_TIMES: ReflectorTimes = { watchSeconds: [300, 600], relistMs: 300_000, confirmMs: 2_000 };
const MAX_CONFIRM_MS = 60_000;

/** One namespace: list, watch, list again, for ever. It never fails: trouble is logged and tried again. */
export class NamespaceWatch {
  readonly #cluster: Cluster;
  readonly #scope: PodScope;
  readonly #times: ReflectorTimes;
  readonly #log: PodsLog;
  readonly #stop = new AbortController();
  readonly #pods = new Map<string, PodView>();
  readonly #subscribers = new Subscribers<PodNews>();
  readonly #confirms = new Map<string, NodeJS.Timeout>();
  #running: Promise<void> | undefined;

  constructor(cluster: Cluster, scope: PodScope, times: ReflectorTimes, log: PodsLog) {
    this.#cluster = cluster;
    this.#scope = scope;
    this.#times = times;
    this.#log = log;
  }

  get idle(): boolean {
    return this.#subscribers.isEmpty;
  }

  subscribe(name: string, onNews: OnNews): () => void {
    this.#running ??= this.#run();
    const unsubscribe = this.#subscribers.add(name, onNews, () => this.#cancelConfirm(name));
    const known = this.#pods.get(name);
    if (known === undefined) this.#confirmLater(name, this.#times.confirmMs);
    else onNews(known);
    return unsubscribe;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    for (const name of this.#confirms.keys()) this.#cancelConfirm(name);
    await this.#running;
  }

  async #run(): Promise<void> {
    const source = {
      what: "pods",
      namespace: this.#scope.namespace,
      list: async () => await this.#list(),
      watch: (from: WatchFrom) => this.#cluster.watchPods(this.#scope, from),
      apply: (event: WatchEvent) => {
        this.#apply(event);
      },
    };
    await watchOn(source, this.#times, this.#log, this.#stop.signal);
  }

  /** Every page, then the difference: what is not in it any more was deleted while nobody watched. */
  async #list(): Promise<string> {
    const before = new Set(this.#pods.keys());
    let page = await this.#cluster.listPods(this.#scope);
    for (;;) {
      for (const pod of page.pods) {
        before.delete(pod.name);
        this.#show(pod);
      }
      if (page.next === undefined || this.#stop.signal.aborted) break;
      page = await this.#cluster.listPods(this.#scope, page.next);
    }
    for (const name of before) this.#missing(name);
    return page.resourceVersion;
  }

  #apply(event: WatchEvent): void {
    switch (event.kind) {
      case "changed":
        this.#show(event.pod);
        return;
      case "deleted":
        // A pod that was made and deleted between list and watch was never shown; another uid is a later pod.
        if ((this.#pods.get(event.pod.name)?.uid ?? event.pod.uid) !== event.pod.uid) return;
        // The object in the event is the last there was: it may be the first to say how the containers ended.
        this.#show(event.pod);
        this.#gone(event.pod.name);
        return;
      case "bookmark":
        return;
    }
  }

  #show(pod: PodView): void {
    this.#cancelConfirm(pod.name);
    if (this.#pods.get(pod.name)?.resourceVersion === pod.resourceVersion) return;
    this.#pods.set(pod.name, pod);
    this.#subscribers.tell(pod.name, pod);
  }

  #gone(name: string): void {
    this.#pods.delete(name);
    this.#cancelConfirm(name);
    this.#subscribers.tell(name, "gone");
  }

  /** A list may be older than what a subscriber was shown by name, so its silence alone proves nothing. */
  #missing(name: string): void {
    this.#pods.delete(name);
    if (this.#subscribers.has(name)) this.#confirmLater(name, 0);
  }

  #confirmLater(name: string, ms: number): void {
    this.#cancelConfirm(name);
    const timer = setTimeout(() => void this.#confirm(name, ms), ms);
    this.#confirms.set(name, timer);
  }

  #cancelConfirm(name: string): void {
    clearTimeout(this.#confirms.get(name));
    this.#confirms.delete(name);
  }

  async #confirm(name: string, waited: number): Promise<void> {
    let news: PodNews | undefined;
    try {
      news = await this.#cluster.getPod(this.#scope.namespace, name);
    } catch (error) {
      if (isFault(error, "notFound")) news = "gone";
      else this.#log.warn({ pod: name, error: String(error) }, "a pod could not be asked for");
    }
    // Meanwhile the watch may have shown it, or the last subscriber may have left.
    if (this.#stop.signal.aborted || this.#pods.has(name) || !this.#subscribers.has(name)) return;
    if (news === "gone") return this.#gone(name);
    if (news !== undefined) this.#subscribers.tell(name, news);
    this.#confirmLater(name, Math.min(MAX_CONFIRM_MS, Math.max(waited, this.#times.confirmMs) * 2));
  }
}
