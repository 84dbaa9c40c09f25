import { JetStreamApiError } from "@nats-io/jetstream";

/** Whether the server answered with one of these JetStream error codes (nats-server/server/errors.json). */
export function hasCode(error: unknown, ...codes: readonly number[]): boolean {
  return error instanceof JetStreamApiError && codes.includes(error.code);
}
