import { podName } from "@slipway/dag";
import { openPods, type Pods } from "../pods.ts";
import { type AttemptInput, type AttemptPorts, type Heartbeat, runAttempt } from "../run-attempt.ts";
import type { StopReason } from "../stop.ts";
import { ApiDouble } from "./api-double.ts";
import { anAttempt, aSpec, NODE, statusOf } from "./pods.ts";
import { eventually, MemoryEvents, memoryLog, MemoryLogs } from "./sinks.ts";

const NAMESPACE = "ns";
const NAME = podName(anAttempt());

/** One attempt on a double of the API: `anAttempt`, its pod, and where its logs and events go. Close it. */
export class AttemptWorld {
  readonly double: ApiDouble;
  readonly pods: Pods;
  readonly log = memoryLog();
  readonly logs = new MemoryLogs();
  readonly events = new MemoryEvents();
  readonly namespace = NAMESPACE;
  readonly name = NAME;

  private constructor(double: ApiDouble) {
    this.double = double;
    const settings = { installation: "slipway", temporalNamespaceId: "t", namespace: NAMESPACE };
    this.pods = openPods(double.connect(), settings, this.log);
  }

  static async open(): Promise<AttemptWorld> {
    return new AttemptWorld(await ApiDouble.start());
  }

  async close(): Promise<void> {
    await this.pods.close();
    await this.double.close();
  }

  start(over: Partial<AttemptInput> = {}, more: Partial<AttemptPorts> = {}) {
    const stop = new AbortController();
    const beats: (Heartbeat | undefined)[] = [];
    const input = { ref: anAttempt(), hop: 0, spec: aSpec(), activityAttempt: 1, ...over };
    const done = runAttempt(this.pods, input, {
      logs: this.logs,
      events: this.events,
      heartbeat: (details) => beats.push(details),
      isCurrent: async () => true,
      signal: stop.signal,
      now: () => Date.parse("2026-11-22T10:00:04Z"),
      ...more,
    });
    done.catch(() => undefined);
    return { done, beats, stop: (reason: StopReason) => stop.abort(reason) };
  }

  async created(): Promise<void> {
    await eventually(() => this.double.names.includes(`${NAMESPACE}/${NAME}`));
  }

  /** Gives the pod its node. */
  schedule(): void {
    const pod = this.double.pod(NAMESPACE, NAME);
    this.double.put({ ...pod, spec: { nodeName: NODE, terminationGracePeriodSeconds: 30 } });
  }

  status(...args: Parameters<typeof statusOf>): void {
    this.double.status(NAMESPACE, NAME, statusOf(...args));
  }

  /** The data of the first event of a type. */
  said(type: string) {
    return Array.from(this.events.events.values()).find((event) => event.type === type)?.data;
  }

  count(request: RegExp): number {
    return this.double.requests.filter((line) => request.test(line)).length;
  }
}
