import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isJsonObject, type JsonObject } from "@slipway/dag";
import type { Cluster } from "../cluster.ts";
import { connectCluster } from "../connect-cluster.ts";

type Resource = "pods" | "events";
type Watcher = { readonly resource: Resource; readonly namespace: string; readonly answer: ServerResponse };
export type LogHandler = (query: URLSearchParams, answer: ServerResponse) => void;

/**
 * An API server's protocol over plain HTTP, for what a real one cannot be asked to do: break, forget, answer late.
 * Pods have no kubelet: a test puts their status.
 */
export class ApiDouble {
  readonly #server: Server;
  readonly #dir: string;
  readonly #pods = new Map<string, JsonObject>();
  readonly #watchers = new Set<Watcher>();
  readonly #history: (Omit<Watcher, "answer"> & { readonly version: number; readonly line: string })[] = [];
  #version = 100;
  /** Every request, `METHOD path?query`. */
  readonly requests: string[] = [];
  /** Answers for the next requests that match, once each. */
  readonly faults: { readonly match: RegExp; readonly status: number; readonly reason?: string }[] = [];
  /** What the kubelet would say; default: an empty log. */
  onLog: LogHandler = (_query, answer) => answer.end();
  pageSize = 500;

  private constructor(server: Server, dir: string) {
    this.#server = server;
    this.#dir = dir;
    server.on("request", (request: IncomingMessage, answer: ServerResponse) => void this.#serve(request, answer));
  }

  static async start(): Promise<ApiDouble> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const double = new ApiDouble(server, await mkdtemp(join(tmpdir(), "slipway-api-double-")));
    await writeFile(double.kubeconfig, double.#kubeconfigText());
    return double;
  }

  get kubeconfig(): string {
    return join(this.#dir, "kubeconfig");
  }

  connect(): Cluster {
    return connectCluster({ kubeconfig: this.kubeconfig });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#dir, { recursive: true, force: true });
  }

  /** Stores a pod and tells the watchers, unless they are behind. */
  put(pod: JsonObject, options: { readonly silently?: boolean } = {}): JsonObject {
    const stored = this.#stamp(pod);
    const key = keyOf(stored);
    if (options.silently !== true) this.#tell("pods", this.#pods.has(key) ? "MODIFIED" : "ADDED", stored);
    this.#pods.set(key, stored);
    return stored;
  }

  /** Changes a stored pod's status. */
  status(namespace: string, name: string, status: JsonObject, metadata: JsonObject = {}): void {
    const pod = this.pod(namespace, name);
    this.put({ ...pod, metadata: { ...object(pod["metadata"]), ...metadata }, status });
  }

  /** Deletes a pod, and tells the watchers unless it happens behind their back. */
  remove(namespace: string, name: string, options: { readonly silently?: boolean } = {}): void {
    const pod = this.#stamp(this.pod(namespace, name));
    this.#pods.delete(`${namespace}/${name}`);
    if (options.silently !== true) this.#tell("pods", "DELETED", pod);
  }

  pod(namespace: string, name: string): JsonObject {
    const pod = this.#pods.get(`${namespace}/${name}`);
    if (pod === undefined) throw new Error(`no pod ${namespace}/${name}`);
    return pod;
  }

  get names(): readonly string[] {
    return [...this.#pods.keys()];
  }

  /** Watches of pods. */
  get watching(): number {
    return [...this.#watchers].filter(({ resource }) => resource === "pods").length;
  }

  /** Says a warning about a pod to who watches events; it is not stored. */
  warn(namespace: string, name: string, reason: string, message: string, count = 1): void {
    const { uid = "" } = object(this.pod(namespace, name)["metadata"]);
    const metadata = { name: `${name}.${reason}`, namespace, resourceVersion: String(++this.#version) };
    this.#tell("events", "ADDED", { metadata, involvedObject: { kind: "Pod", name, uid }, reason, message, count });
  }

  /** Ends every watch: like a dying server, or (`clean`) like one whose timeoutSeconds are over. */
  cutWatches(clean = false): void {
    for (const { answer } of this.#watchers) {
      if (clean) answer.end();
      else answer.destroy();
    }
    this.#watchers.clear();
  }

  /** Every open connection breaks, followed logs too. */
  cutConnections(): void {
    this.#server.closeAllConnections();
  }

  /** Tells each watcher that its version is too old. */
  expireWatches(): void {
    const status = { kind: "Status", code: 410, reason: "Expired", message: "too old resource version" };
    for (const { answer } of this.#watchers) answer.write(`${JSON.stringify({ type: "ERROR", object: status })}\n`);
  }

  bookmark(): void {
    const object = { kind: "Pod", metadata: { resourceVersion: String(++this.#version) } };
    for (const { answer } of this.#watchers) answer.write(`${JSON.stringify({ type: "BOOKMARK", object })}\n`);
  }

  async #serve(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const line = `${request.method} ${request.url}`;
    this.requests.push(line);
    const fault = this.faults.findIndex(({ match }) => match.test(line));
    if (fault >= 0) {
      const [{ status, reason = "" } = { status: 500 }] = this.faults.splice(fault, 1);
      return refuse(answer, status, reason);
    }
    const url = new URL(request.url ?? "/", "http://double");
    const [, namespace = "", kind, name, sub] =
      /^\/api\/v1\/(?:namespaces\/([^/]+)\/)?(pods|events)(?:\/([^/]+))?(\/log)?$/.exec(url.pathname) ?? [];
    const resource = kind === "events" ? kind : "pods";
    if (sub !== undefined) {
      if (!this.#pods.has(`${namespace}/${name}`)) return refuse(answer, 404, "NotFound");
      return this.onLog(url.searchParams, answer);
    }
    if (name !== undefined) return this.#one(request.method ?? "", namespace, name, answer, await bodyOf(request));
    if (request.method === "POST") return this.#create(namespace, await bodyOf(request), answer);
    if (url.searchParams.get("watch") === "true") return this.#watch(resource, namespace, url.searchParams, answer);
    if (resource === "events") return reply(answer, 200, { metadata: { resourceVersion: String(this.#version) } });
    this.#list(namespace, url.searchParams, answer);
  }

  #create(namespace: string, body: JsonObject, answer: ServerResponse): void {
    const metadata = object(body["metadata"]);
    if (this.#pods.has(`${namespace}/${text(metadata["name"])}`)) return refuse(answer, 409, "AlreadyExists");
    reply(answer, 201, this.put({ ...body, status: { phase: "Pending" } }));
  }

  #one(method: string, namespace: string, name: string, answer: ServerResponse, body: JsonObject): void {
    const pod = this.#pods.get(`${namespace}/${name}`);
    if (pod === undefined) return refuse(answer, 404, "NotFound");
    const metadata = object(pod["metadata"]);
    if (method === "PATCH") {
      const annotations = object(object(body["metadata"])["annotations"]);
      const both = Object.entries({ ...object(metadata["annotations"]), ...annotations });
      const merged = { ...metadata, annotations: Object.fromEntries(both.filter(([, value]) => value !== null)) };
      return reply(answer, 200, this.put({ ...pod, metadata: merged }));
    }
    if (method !== "DELETE") return reply(answer, 200, pod);
    const uid = object(body["preconditions"])["uid"];
    if (uid !== undefined && uid !== metadata["uid"]) return refuse(answer, 409, "Conflict");
    const phase = object(pod["status"])["phase"];
    if (phase === "Succeeded" || phase === "Failed" || object(pod["spec"])["nodeName"] === undefined)
      this.remove(namespace, name);
    else
      this.put({
        ...pod,
        // A second request does not give more time.
        metadata: { deletionTimestamp: new Date().toISOString(), deletionGracePeriodSeconds: 30, ...metadata },
      });
    reply(answer, 200, pod);
  }

  #list(namespace: string, query: URLSearchParams, answer: ServerResponse): void {
    const all = [...this.#pods.values()].filter(
      (pod) => namespace === "" || object(pod["metadata"])["namespace"] === namespace,
    );
    const from = Number(query.get("continue") ?? 0);
    const next = from + this.pageSize < all.length ? String(from + this.pageSize) : "";
    const metadata = { resourceVersion: String(this.#version), continue: next };
    reply(answer, 200, { kind: "PodList", metadata, items: all.slice(from, from + this.pageSize) });
  }

  #watch(resource: Resource, namespace: string, query: URLSearchParams, answer: ServerResponse): void {
    answer.writeHead(200, { "content-type": "application/json" }).flushHeaders();
    const since = Number(query.get("resourceVersion"));
    for (const event of this.#history)
      if (event.resource === resource && event.namespace === namespace && event.version > since)
        answer.write(event.line);
    const watcher = { resource, namespace, answer };
    this.#watchers.add(watcher);
    answer.on("close", () => this.#watchers.delete(watcher));
  }

  #stamp(pod: JsonObject): JsonObject {
    const metadata = object(pod["metadata"]);
    const { name = "", uid = `uid-of-${text(name)}`, creationTimestamp = "2026-11-22T10:00:00Z" } = metadata;
    return { ...pod, metadata: { ...metadata, uid, creationTimestamp, resourceVersion: String(++this.#version) } };
  }

  #tell(resource: Resource, type: string, told: JsonObject): void {
    const namespace = text(object(told["metadata"])["namespace"]);
    const line = `${JSON.stringify({ type, object: told })}\n`;
    this.#history.push({ resource, namespace, version: this.#version, line });
    for (const watcher of this.#watchers)
      if (watcher.resource === resource && watcher.namespace === namespace) watcher.answer.write(line);
  }

  #kubeconfigText(): string {
    const address = this.#server.address();
    const port = isAddress(address) ? address.port : 0;
    const cluster = { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true };
    return JSON.stringify({
      "current-context": "double",
      clusters: [{ name: "double", cluster }],
      users: [{ name: "tester", user: { token: "not-a-secret" } }],
      contexts: [{ name: "double", context: { cluster: "double", user: "tester" } }],
    });
  }
}

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}

function object(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function keyOf(pod: JsonObject): string {
  const { namespace, name } = object(pod["metadata"]);
  return `${text(namespace)}/${text(name)}`;
}

function reply(answer: ServerResponse, status: number, body: JsonObject): void {
  answer.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function refuse(answer: ServerResponse, status: number, reason: string): void {
  reply(answer, status, {
    kind: "Status",
    status: "Failure",
    code: status,
    reason,
    message: `the double says ${status}`,
  });
}

async function bodyOf(request: IncomingMessage): Promise<JsonObject> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return object(chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString("utf8")));
}
