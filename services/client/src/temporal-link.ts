import { problem, SlipwayError } from "@slipway/dag";
import { Client, Connection, isGrpcServiceError } from "@temporalio/client";
import type { TemporalSettings } from "./settings.ts";
import { DEFAULT_NAMESPACE } from "./settings.ts";

/** gRPC status codes (https://grpc.io/docs/guides/status-codes/) that are told apart here. */
const GRPC = {
  cancelled: 1,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** Milliseconds for a call that answers at once. */
const CALL_MS = 10_000;

export interface CallOptions {
  /** Milliseconds; default 10,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** One connection to Temporal, and the only place where its calls get their deadlines and their errors a name. */
export interface TemporalLink {
  readonly address: string;
  readonly namespace: string;
  readonly client: Client;
  /** Runs `rpc` with a deadline. Throws SlipwayError `server-unreachable` where the server does not answer in time. */
  call<T>(rpc: () => Promise<T>, options?: CallOptions): Promise<T>;
  /** The same for a call that is meant to wait: a deadline that passes is the caller's business (`isDeadline`). */
  poll<T>(rpc: () => Promise<T>, options: CallOptions): Promise<T>;
  close(): Promise<void>;
}

/** @throws SlipwayError `server-unreachable` */
export async function connectTemporal(settings: TemporalSettings, connectTimeoutMs: number): Promise<TemporalLink> {
  const { address, tls, apiKey, namespace = DEFAULT_NAMESPACE } = settings;
  const options = { address, connectTimeout: connectTimeoutMs, ...(tls && { tls }), ...(apiKey && { apiKey }) };
  const connection = await Connection.connect(options).catch((cause: unknown) => {
    throw unreachable(address, cause);
  });
  return linkOf(connection, address, namespace);
}

function linkOf(connection: Connection, address: string, namespace: string): TemporalLink {
  const client = new Client({ connection, namespace });
  const timed = <T>(rpc: () => Promise<T>, { timeoutMs = CALL_MS, signal }: CallOptions): Promise<T> => {
    const bounded = () => client.withDeadline(Date.now() + timeoutMs, rpc);
    return signal === undefined ? bounded() : client.withAbortSignal(signal, bounded);
  };
  const attempt = <T>(rpc: () => Promise<T>, options: CallOptions, lost: (error: unknown) => boolean): Promise<T> =>
    timed(rpc, options).catch((cause: unknown) => {
      throw lost(cause) ? unreachable(address, cause) : cause;
    });
  return {
    address,
    namespace,
    client,
    call: (rpc, options = {}) => attempt(rpc, options, (error) => isUnavailable(error) || isDeadline(error)),
    poll: (rpc, options) => attempt(rpc, options, isUnavailable),
    close: () => connection.close(),
  };
}

function unreachable(address: string, cause: unknown): SlipwayError {
  const what = `Temporal does not answer at ${address}${reasonOf(cause)}`;
  return new SlipwayError([problem("server-unreachable", what)], { cause });
}

/** The first line of what the transport said: `ECONNREFUSED`, a certificate error. Never a header. */
function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message.split("\n", 1)[0] : undefined;
  return text === undefined || text === "" ? "" : ` (${text.slice(0, 200)})`;
}

/** The transport's own error, however deep the SDK wrapped it (ServiceError.cause). */
export function grpcCode(error: unknown): number | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (isGrpcServiceError(at)) return at.code;
  }
  return undefined;
}

export function isDeadline(error: unknown): boolean {
  return grpcCode(error) === GRPC.deadlineExceeded;
}
export function isAborted(error: unknown): boolean {
  return grpcCode(error) === GRPC.cancelled;
}
export function isNotFound(error: unknown): boolean {
  return grpcCode(error) === GRPC.notFound;
}
function isUnavailable(error: unknown): boolean {
  return grpcCode(error) === GRPC.unavailable;
}
