import { z } from "zod";
import { faultOfStatus, isFault, parseJson } from "./api-error.ts";
import type {
  Access,
  Cluster,
  LogSource,
  PodPage,
  PodScope,
  WarningEvent,
  WatchEvent,
  WatchFrom,
  ListScope,
} from "./cluster.ts";
import { Connector } from "./connection.ts";
import { type ClusterAddress, loadKubeconfig } from "./kubeconfig.ts";
import { LineSplitter } from "./line-splitter.ts";
import { parsePod } from "./pod-view.ts";
import { parseWarning } from "./pod-warning.ts";
import { SILENCE_MS } from "./silence.ts";
import { Transport } from "./transport.ts";

const PAGE_SIZE = 500;
const MAX_EVENT_BYTES = 16 * 1024 * 1024;

const List = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().nullish() }),
  items: z.array(z.unknown()).nullish(),
});
const Event = z.object({ type: z.string(), object: z.unknown() });
const Versioned = z.object({ metadata: z.object({ resourceVersion: z.string() }) });
const Review = z.object({ status: z.object({ allowed: z.boolean(), reason: z.string().nullish() }) });
const Version = z.object({ gitVersion: z.string() });

/**
 * Reads the kubeconfig; no request is made before the first method is called.
 * @param silenceMs an answer that says nothing for so long is given up, and asked for again
 * @throws SlipwayError `kubeconfig`
 */
export function connectCluster(address: ClusterAddress, silenceMs = SILENCE_MS): Cluster {
  return clusterOver(new Transport(new Connector(loadKubeconfig(address)), silenceMs));
}

function clusterOver(transport: Transport): Cluster {
  return {
    async createPod(namespace, manifest, signal) {
      const query = { fieldValidation: "Strict", fieldManager: "slipway" };
      return parsePod(
        await transport.json({ method: "POST", path: podsPath(namespace), query, body: manifest, signal }),
      );
    },
    async getPod(namespace, name) {
      return parsePod(await transport.json({ method: "GET", path: podsPath(namespace, name) }));
    },
    async deletePod({ namespace, name, uid }) {
      const body = { kind: "DeleteOptions", apiVersion: "v1", preconditions: { uid } };
      try {
        await transport.json({ method: "DELETE", path: podsPath(namespace, name), body });
      } catch (error) {
        // 409 here means: another uid stands there now, so this pod is gone.
        if (!isFault(error, "notFound") && !isFault(error, "conflict")) throw error;
      }
    },
    async annotatePod({ namespace, name, uid }, annotations) {
      const body = { metadata: { uid, annotations } };
      const contentType = "application/merge-patch+json";
      await transport.json({ method: "PATCH", path: podsPath(namespace, name), body, contentType });
    },
    listPods: async (scope, page) => await listPods(transport, scope, page),
    watchPods: (scope, from) => watchPods(transport, scope, from),
    warningsVersion: async (namespace) => await warningsVersion(transport, namespace),
    watchWarnings: (namespace, from) => watchWarnings(transport, namespace, from),
    readLog: (source, signal) => readLog(transport, source, signal),
    mayI: async (access) => await mayI(transport, access),
    async version() {
      return Version.parse(await transport.json({ method: "GET", path: "version" })).gitVersion;
    },
    now: () => transport.clock.now(),
    close: async () => {
      await transport.close();
    },
  };
}

function podsPath(namespace: string | undefined, name?: string): string {
  if (namespace === undefined) return "api/v1/pods";
  const pods = `api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
  return name === undefined ? pods : `${pods}/${encodeURIComponent(name)}`;
}

async function listPods(transport: Transport, scope: ListScope, page?: string): Promise<PodPage> {
  const query = { labelSelector: scope.labelSelector, limit: PAGE_SIZE, continue: page };
  const list = List.parse(await transport.json({ method: "GET", path: podsPath(scope.namespace), query }));
  const next = list.metadata.continue;
  return {
    pods: (list.items ?? []).map(parsePod),
    resourceVersion: list.metadata.resourceVersion,
    ...(next ? { next } : {}),
  };
}

async function* watchPods(transport: Transport, scope: PodScope, from: WatchFrom): AsyncGenerator<WatchEvent> {
  const { labelSelector } = scope;
  for await (const line of watch(transport, podsPath(scope.namespace), { labelSelector }, from)) yield watchEvent(line);
}

/** Each line of a watch, parsed as JSON. */
async function* watch(
  transport: Transport,
  path: string,
  selector: Readonly<Record<string, string>>,
  { resourceVersion, timeoutSeconds, signal }: WatchFrom,
): AsyncGenerator {
  const query = { watch: true, allowWatchBookmarks: true, ...selector, resourceVersion, timeoutSeconds };
  const call = { method: "GET", path, query, signal } as const;
  const splitter = new LineSplitter(MAX_EVENT_BYTES);
  for await (const chunk of await transport.stream(call, "watch", "watch"))
    for (const { bytes } of splitter.push(chunk)) yield parseJson(bytes.toString("utf8"));
}

function watchEvent(line: unknown): WatchEvent {
  const { type, object } = Event.parse(line);
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED": {
      const pod = parsePod(object);
      return { kind: type === "DELETED" ? "deleted" : "changed", pod, resourceVersion: pod.resourceVersion };
    }
    case "BOOKMARK":
      return { kind: "bookmark", resourceVersion: Versioned.parse(object).metadata.resourceVersion };
    default:
      throw faultOfStatus(object);
  }
}

/** The server picks them out: a pod's ordinary life is some six events of type Normal. */
const WARNINGS = { fieldSelector: "involvedObject.kind=Pod,type=Warning" };

async function warningsVersion(transport: Transport, namespace: string): Promise<string> {
  const query = { ...WARNINGS, limit: 1 };
  const list = List.parse(await transport.json({ method: "GET", path: eventsPath(namespace), query }));
  return list.metadata.resourceVersion;
}

async function* watchWarnings(transport: Transport, namespace: string, from: WatchFrom): AsyncGenerator<WarningEvent> {
  for await (const line of watch(transport, eventsPath(namespace), WARNINGS, from)) {
    const { type, object } = Event.parse(line);
    if (type === "ERROR") throw faultOfStatus(object);
    const { resourceVersion } = Versioned.parse(object).metadata;
    const news = type === "ADDED" || type === "MODIFIED";
    yield news ? { warning: parseWarning(object), resourceVersion } : { resourceVersion };
  }
}

function eventsPath(namespace: string): string {
  return `api/v1/namespaces/${encodeURIComponent(namespace)}/events`;
}

async function* readLog(transport: Transport, source: LogSource, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const { namespace, pod, container, follow, previous, sinceTime, tailLines, limitBytes } = source;
  const query = { container, follow, previous, timestamps: true, sinceTime, tailLines, limitBytes };
  const call = { method: "GET", path: `${podsPath(namespace, pod)}/log`, query, signal } as const;
  yield* await transport.stream(call, "logs", follow ? "followed log" : "log");
}

async function mayI(transport: Transport, access: Access): Promise<{ allowed: boolean; reason?: string }> {
  const { namespace, verb, resource, subresource } = access;
  const resourceAttributes = { namespace, verb, resource, ...(subresource === undefined ? {} : { subresource }) };
  const body = {
    kind: "SelfSubjectAccessReview",
    apiVersion: "authorization.k8s.io/v1",
    spec: { resourceAttributes },
  };
  const path = "apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  const { status } = Review.parse(await transport.json({ method: "POST", path, body }));
  return { allowed: status.allowed, ...(status.reason ? { reason: status.reason } : {}) };
}
