import { z } from "zod";

const MAX_MESSAGE = 1024;
const DEFAULT_RETRY_AFTER_MS = 1000;

/**
 * What went wrong with one API request, classified once, here. Nobody else looks at a status code.
 * - `conflict.reason`: `AlreadyExists` or `Conflict` (Status.reason).
 * - `expired`: 410, a resourceVersion or continue token is too old: list again.
 * - `refused`: the request itself will never pass (400, 403, 405, 413, 415, 422 …).
 * - `unavailable`: no answer, or one that another try may better (408, 5xx, a broken connection).
 */
export type ApiFault =
  | { readonly kind: "notFound" }
  | { readonly kind: "conflict"; readonly reason: string }
  | { readonly kind: "expired" }
  | { readonly kind: "refused"; readonly status: number }
  | { readonly kind: "unauthorized" }
  | { readonly kind: "throttled"; readonly retryAfterMs: number }
  | { readonly kind: "unavailable" };

/** `message` is the API server's own text, cut to 1,024 characters. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly fault: ApiFault;
  constructor(fault: ApiFault, message: string, options?: { readonly cause?: unknown }) {
    super(message.slice(0, MAX_MESSAGE), options);
    this.fault = fault;
  }
}

/** meta/v1 Status, as far as we read it. */
const Status = z.object({
  code: z.number().nullish(),
  message: z.string().nullish(),
  reason: z.string().nullish(),
  details: z.object({ retryAfterSeconds: z.number().nullish() }).nullish(),
});

/** `body` is the answer's text: a Status, or whatever a proxy on the way said. */
export function faultOf(status: number, body: string, retryAfter?: string): ApiError {
  const parsed = Status.safeParse(parseJson(body));
  const said = parsed.success ? parsed.data : {};
  const message = said.message ?? (body.trim() || `HTTP ${status}`);
  const seconds = said.details?.retryAfterSeconds ?? (Number(retryAfter) || 0);
  return new ApiError(classify(status, said.reason ?? "", seconds * 1000), message);
}

/** The `object` of a watch event of type ERROR. */
export function faultOfStatus(status: unknown): ApiError {
  const parsed = Status.safeParse(status);
  const code = parsed.success ? (parsed.data.code ?? 500) : 500;
  return faultOf(code, JSON.stringify(status));
}

/** No answer came: refused connection, reset, time-out, TLS trouble. */
export function unreachable(cause: unknown): ApiError {
  const why = cause instanceof Error ? (nested(cause) ?? cause.message) : String(cause);
  return new ApiError({ kind: "unavailable" }, `the Kubernetes API does not answer: ${why}`, { cause });
}

/** undici and Node hide the reason of a failed connection in `cause` or in an AggregateError. */
function nested(error: Error): string | undefined {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0].message;
  return error.cause instanceof Error ? error.cause.message : undefined;
}

function classify(status: number, reason: string, retryAfterMs: number): ApiFault {
  if (status === 404) return { kind: "notFound" };
  if (status === 409) return { kind: "conflict", reason };
  if (status === 410) return { kind: "expired" };
  if (status === 401) return { kind: "unauthorized" };
  if (status === 429) return { kind: "throttled", retryAfterMs: retryAfterMs || DEFAULT_RETRY_AFTER_MS };
  if (status === 408 || status >= 500) return { kind: "unavailable" };
  return { kind: "refused", status };
}

export function isFault<Kind extends ApiFault["kind"]>(
  error: unknown,
  kind: Kind,
): error is ApiError & { fault: Extract<ApiFault, { kind: Kind }> } {
  return error instanceof ApiError && error.fault.kind === kind;
}

/** `undefined` where the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
