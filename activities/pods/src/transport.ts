import type { IncomingHttpHeaders } from "node:http";
import type { JsonObject } from "@slipway/dag";
import { request } from "undici";
import { ApiError, faultOf, isFault, parseJson, unreachable } from "./api-error.ts";
import type { Connector, PoolName } from "./connection.ts";
import { ServerClock } from "./server-clock.ts";
import { type Answer, type Timeouts, timeoutsOf } from "./silence.ts";

export interface Call {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Without the leading slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: JsonObject;
  /** Default `application/json`. */
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
}

const MAX_FAULT_CHARS = 64 * 1024;

/** One request to the API server, with the shared pools and credentials. Every failure leaves as an `ApiError`. */
export class Transport {
  readonly clock = new ServerClock();
  readonly #connector: Connector;
  readonly #timeouts: ReturnType<typeof timeoutsOf>;

  constructor(connector: Connector, silenceMs: number) {
    this.#connector = connector;
    this.#timeouts = timeoutsOf(silenceMs);
  }

  /** The whole answer as parsed JSON. */
  async json(call: Call): Promise<unknown> {
    const answer = await this.stream(call, "api", "call");
    return parseJson(await text(answer));
  }

  /** The answer as it comes. Whoever stops reading early must end the iteration (`break`, `return`), which frees the socket. */
  async stream(call: Call, pool: PoolName, kind: Answer): Promise<AsyncIterable<Uint8Array>> {
    const timeouts = this.#timeouts[kind];
    try {
      return await this.#once(call, pool, timeouts, false);
    } catch (error) {
      if (!isFault(error, "unauthorized")) throw error;
      return await this.#once(call, pool, timeouts, true);
    }
  }

  async close(): Promise<void> {
    await this.#connector.close();
  }

  async #once(call: Call, pool: PoolName, timeouts: Timeouts, renew: boolean): Promise<AsyncIterable<Uint8Array>> {
    const { statusCode, headers, body } = await this.#send(call, pool, timeouts, renew);
    this.clock.hear(single(headers, "date"));
    if (statusCode < 400) return guarded(body);
    const said = await body.text().catch(() => "");
    throw faultOf(statusCode, said.slice(0, MAX_FAULT_CHARS), single(headers, "retry-after"));
  }

  async #send(call: Call, pool: PoolName, timeouts: Timeouts, renew: boolean) {
    const { method, path, query = {}, body, contentType = "application/json", signal } = call;
    try {
      const connection = await this.#connector.get({ renew });
      const url = new URL(path, connection.server);
      for (const [name, value] of Object.entries(query))
        if (value !== undefined) url.searchParams.set(name, String(value));
      return await request(url, {
        method,
        dispatcher: connection.pools[pool],
        headers: { ...connection.headers, accept: "application/json, */*", "content-type": contentType },
        headersTimeout: timeouts.headers,
        bodyTimeout: timeouts.body,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      throw unreachable(error);
    }
  }
}

async function* guarded(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw error instanceof ApiError ? error : unreachable(error);
  }
}

async function text(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function single(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
