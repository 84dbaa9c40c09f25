import { randomUUID } from "node:crypto";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import {
  type AttemptRef,
  DEFAULT_INSTALLATION,
  isRunId,
  isTaskName,
  RUN_POD_DAG,
  isDagName,
  type JsonObject,
  type Keep,
  type TaskSpec,
} from "@slipway/dag";
import type { Release } from "@slipway/run";
import type { TestStack } from "@slipway/testbed";
import { inject } from "vitest";
import { connectCluster, openPods, type Pods, type StopReason, releaseAttempts, runAttempt } from "../src/index.ts";
import { MemoryEvents, memoryLog, MemoryLogs } from "../src/testing/sinks.ts";

export const BUSYBOX = "slipway.local/busybox:1";
export const DEBIAN = "slipway.local/debian:12";

/** A namespace of the test's own on the real cluster, and everything an attempt needs; `close` removes it all. */
export interface World {
  readonly namespace: string;
  readonly pods: Pods;
  readonly logs: MemoryLogs;
  readonly events: MemoryEvents;
  /** The attempt of a task of this name in a run of this world's own. */
  ref(task: string, attempt?: number): AttemptRef;
  start(
    ref: AttemptRef,
    spec: TaskSpec,
    more?: { readonly activityAttempt?: number; readonly known?: { uid: string } },
  ): Watch;
  release(...refs: AttemptRef[]): Promise<void>;
  keep(ref: AttemptRef, keep: Keep): Promise<void>;
  kube: CoreV1Api;
  close(): Promise<void>;
}

export interface Watch {
  readonly done: ReturnType<typeof runAttempt>;
  readonly stop: (reason: StopReason) => void;
  readonly uid: () => string | undefined;
}

export async function aWorld(): Promise<World> {
  const { kubeconfig, context }: TestStack = inject("slipway");
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  config.setCurrentContext(context);
  const kube = config.makeApiClient(CoreV1Api);
  const namespace = `pods-it-${randomUUID().slice(0, 8)}`;
  await kube.createNamespace({ body: { metadata: { name: namespace } } });
  const log = memoryLog();
  const settings = { installation: DEFAULT_INSTALLATION, temporalNamespaceId: randomUUID(), namespace };
  const pods = openPods(connectCluster({ kubeconfig, context }), settings, log);
  const logs = new MemoryLogs();
  const events = new MemoryEvents();
  const letGo = (attempts: readonly Release[]) => releaseAll(pods, attempts, logs, events);
  return {
    namespace,
    pods,
    logs,
    events,
    kube,
    ref: (task, attempt = 1) => refOf(namespace, task, attempt),
    start(ref, spec, more = {}) {
      const stop = new AbortController();
      let uid: string | undefined;
      const done = runAttempt(
        pods,
        { ref, hop: 0, spec, activityAttempt: 1, ...more },
        {
          logs,
          events,
          isCurrent: async () => true,
          heartbeat: (details) => {
            uid = details?.uid;
          },
          signal: stop.signal,
          now: Date.now,
        },
      );
      done.catch(() => undefined);
      return { done, stop: (reason) => stop.abort(reason), uid: () => uid };
    },
    release: (...refs) => letGo(refs.map((ref) => ({ ref }))),
    keep: (ref, keep) => letGo([{ ref, keep }]),
    async close() {
      await pods.close();
      await kube.deleteNamespace({ name: namespace });
    },
  };
}

async function releaseAll(pods: Pods, attempts: readonly Release[], logs: MemoryLogs, events: MemoryEvents) {
  const { signal } = new AbortController();
  const createdPod = async () => undefined;
  const ports = { logs, events, createdPod, heartbeat: () => undefined, signal, now: Date.now };
  await releaseAttempts(pods, { hop: 0, activityAttempt: 1, attempts }, ports);
}

function refOf(run: string, task: string, attempt: number): AttemptRef {
  const dag = RUN_POD_DAG;
  if (!isDagName(dag) || !isRunId(run) || !isTaskName(task)) throw new Error("names");
  const chain = { workflowId: run, firstExecutionRunId: run };
  return { installation: DEFAULT_INSTALLATION, chain, dag, run, task, attempt };
}

/** A task that runs a shell line in busybox; `over` is merged into the container. */
export function sh(script: string, over: Partial<TaskSpec> & { readonly container?: JsonObject } = {}): TaskSpec {
  const { container, ...rest } = over;
  return {
    container: { image: BUSYBOX, command: ["sh", "-c", script], ...container },
    retries: { limit: 0, delayMs: 0, factor: 1, maxDelayMs: 0, disruptions: 3 },
    timeout: { scheduleMs: 60_000, startMs: 60_000 },
    pod: { terminationGracePeriodSeconds: 5 },
    ...rest,
  };
}

/** Pods that nobody has asked to delete: a release does not wait for the kubelet to tidy up. */
export async function podsLeft({ kube, namespace }: World): Promise<readonly string[]> {
  const { items } = await kube.listNamespacedPod({ namespace });
  return items.flatMap(({ metadata }) => (metadata?.deletionTimestamp === undefined ? [metadata?.name ?? ""] : []));
}

/** What one container of a first attempt logged. */
export function logOf({ logs }: World, task: string, container = "main") {
  const { lines, gaps, end } = logs.of(container, 0, 1, task);
  return { texts: lines.map(({ text }) => text), gaps, end };
}
