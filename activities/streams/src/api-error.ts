import { JetStreamApiError } from "@nats-io/jetstream";
import { errors } from "@nats-io/nats-core";

/** Whether the server answered with one of these JetStream error codes (nats-server/server/errors.json). */
export function hasCode(error: unknown, ...codes: readonly number[]): boolean {
  return error instanceof JetStreamApiError && codes.includes(error.code);
}

/** JSStreamStoreFailed: a server that just deleted its last stream may fail to make the next one's folder. */
const STORE_FAILED = 10049;

/** Whether the same request may succeed soon: no answer, no leader yet (503), a store in turmoil. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof JetStreamApiError)) return !isClosed(error);
  return error.status === 503 || error.code === STORE_FAILED;
}

/** This connection was closed for good (by its owner): nothing goes out on it any more. */
export function isClosed(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return [error, cause].some(
    (each) => each instanceof errors.ClosedConnectionError || each instanceof errors.DrainingConnectionError,
  );
}

/** A direct get's 404: no message of that filter at, behind or before that sequence. */
export function isNothingThere(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === 404;
}
