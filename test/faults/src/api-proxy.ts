import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Agent, request, type RequestOptions } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { type Gate, Gates } from "./gate.ts";
import { portOf } from "./port-of.ts";

/** One request as the API server was asked it. */
export interface Ask {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: string;
}

/** `at`: before the request is forwarded; before its answer is; or before the first line of the answer that is meant. */
export interface Hold {
  readonly matches: (ask: Ask) => boolean;
  readonly at: "request" | "answer" | ((line: string) => boolean);
}

/** An answer in the API server's place. */
export interface Instead {
  readonly matches: (ask: Ask) => boolean;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** How often; for ever where absent. */
  readonly times?: number;
}

/** What was asked and what was said to it. */
export type Asked = Pick<Ask, "method" | "path"> & { readonly status: number };

export interface ProxyOptions {
  readonly kubeconfig: string;
  readonly context: string;
  /** The caller's own credentials are forwarded, as its kubeconfig's `user` has them; else those of `kubeconfig`. */
  readonly user?: object;
}

/** client-node refuses a plain address without it. */
const PLAIN = { "insecure-skip-tls-verify": true };

/** Stands before an API server, on loopback and without TLS; a worker's kubeconfig points to it. */
export class ApiProxy {
  /** For `SLIPWAY_KUBECONFIG`; its only context is current. */
  readonly kubeconfig: string;
  readonly url: string;
  /** Every answer that was begun. */
  readonly asked: Asked[] = [];
  readonly #folder: string;
  readonly #server: Server;
  readonly #upstream: { readonly url: URL; readonly agent: Agent };
  readonly #gates = new Gates<Hold>();
  readonly #sockets = new Set<Socket>();
  readonly #silent = new WeakSet<Socket>();
  readonly #lastAsk = new WeakMap<Socket, Ask>();
  #instead: { readonly rule: Instead; left: number }[] = [];

  private constructor(server: Server, upstream: { url: URL; agent: Agent }, user: object) {
    this.#server = server;
    this.#upstream = upstream;
    this.#folder = mkdtempSync(join(tmpdir(), "slipway-proxy-"));
    this.kubeconfig = join(this.#folder, "kubeconfig");
    this.url = `http://127.0.0.1:${portOf(server)}`;
    const config = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "proxy", cluster: { server: this.url, ...PLAIN } }],
      users: [{ name: "proxy", user }],
      contexts: [{ name: "proxy", context: { cluster: "proxy", user: "proxy" } }],
      "current-context": "proxy",
    };
    writeFileSync(this.kubeconfig, JSON.stringify(config));
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    server.on("request", (ask: IncomingMessage, answer: ServerResponse) => {
      this.#serve(ask, answer).catch(() => answer.destroy());
    });
  }

  static async start({ kubeconfig, context, user }: ProxyOptions): Promise<ApiProxy> {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    config.setCurrentContext(context);
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const { ca, cert, key } = options;
    const own = user === undefined ? { ...(cert && { cert }), ...(key && { key }) } : {};
    const agent = new Agent({ keepAlive: true, ...(ca && { ca }), ...own });
    const server = createServer({ requestTimeout: 0 });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = new URL(config.getCurrentCluster()?.server ?? "");
    return new ApiProxy(server, { url, agent }, user ?? {});
  }

  /** Every request that matches stops at the gate. */
  hold(rule: Hold): Gate {
    return this.#gates.add(rule);
  }

  /** What is held stays held, and what comes later passes. */
  retireGates(): void {
    this.#gates.retire();
  }

  /** Takes all gates away: what is held goes on, or breaks. */
  lift(how: "open" | "drop"): void {
    this.#gates.lift(how);
    this.#instead = [];
  }

  /** Answers for the API server; `lift` ends it. */
  answer(rule: Instead): void {
    this.#instead.push({ rule, left: rule.times ?? Number.POSITIVE_INFINITY });
  }

  /** Breaks every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /**
   * Every connection that is open now, and was last asked something that matches, goes silent: nothing passes any more, and
   * nobody closes it. New ones work. Gives how many.
   */
  silence(matches: Hold["matches"] = () => true): number {
    const those = [...this.#sockets].filter((socket) => {
      const ask = this.#lastAsk.get(socket);
      return ask !== undefined && matches(ask);
    });
    for (const socket of those) this.#silent.add(socket);
    return those.length;
  }

  async close(): Promise<void> {
    this.lift("drop");
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    this.#upstream.agent.destroy();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #serve(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { socket } = incoming;
    const gone = new Promise<void>((resolve) => answer.once("close", resolve));
    const ask = { method: incoming.method ?? "", path: incoming.url ?? "", body: await textOf(incoming) };
    if (this.#silent.has(socket)) return await gone;
    this.#lastAsk.set(socket, ask);
    const instead = this.#inPlace(ask);
    if (instead !== undefined) return void answer.writeHead(instead.status, { ...instead.headers }).end();
    const found = this.#gates.find(({ matches }) => matches(ask));
    const through = async (): Promise<boolean> => found === undefined || (await found.gate.pass(gone));
    if (found?.rule.at === "request" && !(await through())) return void answer.destroy();
    const from = await this.#forward(ask, incoming, gone);
    if (found?.rule.at === "answer" && !(await through())) return void answer.destroy();
    this.asked.push({ method: ask.method, path: ask.path, status: from.statusCode ?? 0 });
    answer.writeHead(from.statusCode ?? 502, from.headers).flushHeaders();
    const stop = typeof found?.rule.at === "function" ? found.rule.at : undefined;
    for await (const piece of stop === undefined ? from : linesOf(from)) {
      if (this.#silent.has(socket)) return await gone;
      if (stop?.(String(piece)) && !(await through())) return void answer.destroy();
      if (!answer.write(piece)) await Promise.race([new Promise((resolve) => answer.once("drain", resolve)), gone]);
      if (answer.destroyed) return;
    }
    answer.end();
  }

  #inPlace(ask: Ask): Instead | undefined {
    const found = this.#instead.find(({ rule, left }) => left > 0 && rule.matches(ask));
    if (found === undefined) return undefined;
    found.left -= 1;
    this.asked.push({ method: ask.method, path: ask.path, status: found.rule.status });
    return found.rule;
  }

  async #forward({ method, path, body }: Ask, { headers }: IncomingMessage, gone: Promise<void>) {
    const { url, agent } = this.#upstream;
    const { host: _, connection: __, ...kept } = headers;
    return await new Promise<IncomingMessage>((resolve, reject) => {
      const call = request(new URL(path, url), { method, headers: kept, agent }, resolve);
      call.once("error", reject);
      void gone.then(() => call.destroy());
      call.end(body);
    });
  }
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  incoming.setEncoding("utf8");
  let text = "";
  for await (const piece of incoming) text += String(piece);
  return text;
}

/** Whole lines, each with its end; the rest last. */
async function* linesOf(from: IncomingMessage): AsyncGenerator<string> {
  from.setEncoding("utf8");
  let rest = "";
  for await (const piece of from) {
    const lines = (rest + String(piece)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield `${line}\n`;
  }
  if (rest !== "") yield rest;
}
