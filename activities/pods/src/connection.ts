import { readFile } from "node:fs/promises";
import type { RequestOptions } from "node:https";
import type { ConnectionOptions } from "node:tls";
import type { DispatcherOptions, KubeConfig } from "@kubernetes/client-node";
import { Agent, type Dispatcher, ProxyAgent, Socks5ProxyAgent } from "undici";
import { defined } from "@slipway/dag";
import { within } from "./backoff.ts";
import { tokenFileOf } from "./kubeconfig.ts";

/** Requests that must not wait for one another: short calls; watches; followed logs (one socket each, HTTP/1.1). */
export type PoolName = "api" | "watch" | "logs";

/** What a request needs besides its path. */
export interface Connection {
  readonly server: URL;
  /** Authorization, impersonation. Never logged. */
  readonly headers: Readonly<Record<string, string>>;
  readonly pools: Readonly<Record<PoolName, Dispatcher>>;
}

/** How long credentials are used before the kubeconfig's sources are asked again; client-go re-reads tokens each minute. */
const FRESH_MS = 30_000;
/** An exec plug-in may open a browser; nobody sits here. */
const CREDENTIALS_TIMEOUT_MS = 30_000;
/** A probe each 30 s finds a dead peer before load balancers forget the connection (as client-go does). */
const CONNECT = { allowH2: false, timeout: 10_000, keepAlive: true, keepAliveInitialDelay: 30_000 };
const KEEP_ALIVE_MS = 60_000;
const API_CONNECTIONS = 32;
/** A page of 500 pods is some 8 MB. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * Credentials by client-node, connections by ourselves: client-node makes a new TLS connection for each call.
 * The pools live as long as the certificates they were made with; renewed ones get new pools.
 */
export class Connector {
  readonly #config: KubeConfig;
  #current: (Connection & { readonly tls: string; readonly readAt: number }) | undefined;
  #loading: Promise<Connection> | undefined;
  readonly #retired = new Set<Dispatcher>();

  constructor(config: KubeConfig) {
    this.#config = config;
  }

  /** `renew`: the server said 401, so what we hold is worth nothing. */
  async get(options: { readonly renew?: boolean } = {}): Promise<Connection> {
    const held = this.#current;
    if (held !== undefined && options.renew !== true && performance.now() - held.readAt < FRESH_MS) return held;
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return await this.#loading;
  }

  async close(): Promise<void> {
    const pools = [...this.#retired, ...Object.values(this.#current?.pools ?? {})];
    this.#retired.clear();
    this.#current = undefined;
    await Promise.all(pools.map(async (pool) => await pool.destroy()));
  }

  async #load(): Promise<Connection> {
    const cluster = this.#config.getCurrentCluster();
    if (cluster === null) throw new Error("the kubeconfig has no current cluster");
    const options: RequestOptions = { headers: {} };
    const loaded = await within(
      CREDENTIALS_TIMEOUT_MS,
      this.#config.applyToHTTPSOptions(options).then(() => true),
    );
    if (loaded === undefined) throw new Error("the kubeconfig's credentials did not come in time");
    // Its own agent is unused; the rest says how to connect.
    delete options.agent;
    const how = this.#config.createDispatcherOptions(cluster, tlsOf(options));
    const tls = JSON.stringify(how);
    const held = this.#current;
    const pools = held?.tls === tls ? held.pools : this.#replace(how);
    const server = new URL(cluster.server.endsWith("/") ? cluster.server : `${cluster.server}/`);
    const headers = { ...headersOf(options), ...(await tokenOf(this.#config)) };
    this.#current = { server, headers, pools, tls, readAt: performance.now() };
    return this.#current;
  }

  /** Old pools finish what they carry (a watch ends within minutes) and are destroyed with the rest at the latest. */
  #replace(how: DispatcherOptions): Connection["pools"] {
    for (const pool of Object.values(this.#current?.pools ?? {})) {
      this.#retired.add(pool);
      void pool.close().then(() => this.#retired.delete(pool));
    }
    return { api: makePool(how, API_CONNECTIONS), watch: makePool(how), logs: makePool(how) };
  }
}

/** client-node keeps a token's file for a minute, whatever the server says: a rotated one is read here, and at once. */
async function tokenOf(config: KubeConfig): Promise<{ authorization?: string }> {
  const file = tokenFileOf(config);
  return file === undefined ? {} : { authorization: `Bearer ${(await readFile(file, "utf8")).trim()}` };
}

type TlsOptions = Pick<
  ConnectionOptions,
  "ca" | "cert" | "key" | "pfx" | "passphrase" | "rejectUnauthorized" | "servername"
>;

/** Of all options the ones that say whom to trust and who we are. */
function tlsOf({ ca, cert, key, pfx, passphrase, rejectUnauthorized, servername }: TlsOptions) {
  return defined({ ca, cert, key, pfx, passphrase, rejectUnauthorized, servername });
}

function headersOf({ headers, auth }: RequestOptions): Record<string, string> {
  const given = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]);
  const basic = auth ? [["authorization", `Basic ${Buffer.from(auth).toString("base64")}`]] : [];
  return Object.fromEntries([...given, ...basic]);
}

/** Over HTTP/2 undici got stuck at the server's limit of streams per connection, so each stream has its own socket. */
function makePool(how: DispatcherOptions, connections?: number): Dispatcher {
  const options = {
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxResponseSize: connections === undefined ? -1 : MAX_ANSWER_BYTES,
    ...(connections === undefined ? {} : { connections }),
  };
  switch (how.type) {
    case "agent":
      return new Agent({ ...options, connect: { ...CONNECT, ...tlsOf(how.connect) } });
    case "proxy":
      return new ProxyAgent({ ...options, uri: how.uri, requestTls: { ...CONNECT, ...tlsOf(how.requestTls) } });
    case "socks":
      return new Socks5ProxyAgent(how.uri, { ...options, requestTls: { ...CONNECT, ...tlsOf(how.requestTls) } });
    case "none":
      return new Agent({ ...options, connect: CONNECT });
  }
}
