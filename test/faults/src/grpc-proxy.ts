import { type ClientHttp2Session, connect, constants, createServer, type Http2Server } from "node:http2";
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import { gunzipSync } from "node:zlib";
import { type Gate, Gates } from "./gate.ts";
import { portOf } from "./port-of.ts";

/** One unary call. */
export interface Call {
  /** `RespondActivityTaskCompleted` */
  readonly method: string;
  /** The message's bytes, in which its strings stand as they are: enough to know whose call it is. */
  readonly message: string;
}

/** Stops a call before it is forwarded. */
export interface CallHold {
  readonly matches: (call: Call) => boolean;
}

/** Stands before a Temporal server (gRPC over HTTP/2 without TLS); a worker's `TEMPORAL_ADDRESS` points to it. */
export class GrpcProxy {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** Calls that were answered, but for polls. */
  readonly answered: Call[] = [];
  readonly #server: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #gates = new Gates<CallHold>();

  private constructor(server: Http2Server, upstream: string) {
    this.#server = server;
    this.address = `127.0.0.1:${portOf(server)}`;
    server.on("session", (session) => {
      const onward = connect(`http://${upstream}`);
      this.#sessions.add(session);
      session.on("stream", (stream, headers) => {
        this.#serve(stream, headers, onward).catch(() => stream.close(constants.NGHTTP2_CANCEL));
      });
      session
        .on("error", () => undefined)
        .once("close", () => {
          this.#sessions.delete(session);
          onward.destroy();
        });
      onward.on("error", () => undefined).once("close", () => session.destroy());
    });
  }

  static async start(upstream: string): Promise<GrpcProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new GrpcProxy(server, upstream);
  }

  /** Every call that matches stops at the gate. */
  hold(rule: CallHold): Gate {
    return this.#gates.add(rule);
  }

  /** What is held stays held, and what comes later passes. */
  retireGates(): void {
    this.#gates.retire();
  }

  lift(how: "open" | "drop"): void {
    this.#gates.lift(how);
  }

  async close(): Promise<void> {
    this.lift("drop");
    for (const session of this.#sessions) session.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, onward: ClientHttp2Session): Promise<void> {
    stream.on("error", () => undefined);
    const gone = new Promise<void>((resolve) => stream.once("close", resolve));
    const body = await bytesOf(stream);
    const call = { method: (headers[":path"] ?? "").split("/").at(-1) ?? "", message: messageOf(body) };
    const found = this.#gates.find(({ matches }) => matches(call));
    if (found !== undefined && !(await found.gate.pass(gone))) return stream.close(constants.NGHTTP2_CANCEL);
    await answer(stream, headers, body, onward, gone);
    if (!call.method.startsWith("Poll")) this.answered.push(call);
  }
}

/** Forwards the call and its answer, trailers included. */
async function answer(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  body: Buffer,
  onward: ClientHttp2Session,
  gone: Promise<void>,
): Promise<void> {
  const call = onward.request(headers);
  void gone.then(() => call.close(constants.NGHTTP2_CANCEL));
  await new Promise<void>((resolve, reject) => {
    call.once("error", reject);
    call.once("close", resolve);
    call.once("response", (said, flags) => {
      if (stream.destroyed) return;
      // An error is often told in the headers alone.
      if ((flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0) return stream.respond(said, { endStream: true });
      let trailers: IncomingHttpHeaders = {};
      stream.respond(said, { waitForTrailers: true });
      stream.once("wantTrailers", () => stream.sendTrailers(trailers));
      call.once("trailers", (told) => {
        trailers = told;
      });
      call.on("data", (piece: Buffer) => stream.write(piece)).once("end", () => stream.end());
    });
    call.end(body);
  });
}

async function bytesOf(stream: ServerHttp2Stream): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** gRPC's frame: a byte that says whether it is compressed, four of length, the message. */
function messageOf(body: Buffer): string {
  const message = body.subarray(5);
  return (body[0] === 1 ? gunzipSync(message) : message).toString("latin1");
}
