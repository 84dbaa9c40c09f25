import { JetStreamApiCodes } from "@nats-io/jetstream";
import { errors } from "@nats-io/nats-core";
import { hasCode } from "./api-error.ts";
import { errorText, type Log } from "./log.ts";

const AT_MOST_EACH_MS = 5_000;
/** The client's error for any answer 503; its class is not exported. */
const NOT_ENABLED = "JetStreamNotEnabled";

/**
 * Makes streams again that were deleted under a running worker: told of an error that says so, it asks `ensure`, at most
 * once in 5 s for all who miss them. It never throws and nobody waits for it: whoever missed a stream tries again anyway.
 */
export function mender(ensure: () => Promise<void>, log: Log, now: () => number = () => performance.now()) {
  let last = Number.NEGATIVE_INFINITY;
  return (error: unknown): void => {
    if (!isStreamMissing(error) || now() - last < AT_MOST_EACH_MS) return;
    last = now();
    log.warn({ why: errorText(error) }, "a stream is missing: it is made again");
    ensure().catch((failure: unknown) => log.warn({ why: errorText(failure) }, "the streams could not be made"));
  };
}

/** 503, or nobody listening: also a server that starts or elects a leader says so, and then `ensure` changes nothing. */
export function isStreamMissing(error: unknown): boolean {
  const causes = error instanceof Error ? [error, error.cause] : [error];
  return causes.some(
    (each) =>
      hasCode(each, JetStreamApiCodes.StreamNotFound) ||
      (each instanceof Error && each.name === NOT_ENABLED) ||
      each instanceof errors.NoRespondersError ||
      (each instanceof errors.RequestError && each.isNoResponders()),
  );
}
