import { SlipwayError } from "@slipway/dag";
import { isClosed } from "./api-error.ts";
import { backoff, Deadline } from "./backoff.ts";
import { errorText } from "./log.ts";
import { refusal } from "./refusal.ts";
import { StreamsUnavailable } from "./unavailable.ts";

/** How long a reader tries while NATS does not answer. */
const PATIENCE_MS = 30_000;

/** Repeats a reader's request; `StreamsUnavailable` after 30 s without an answer, or once `signal` has come. */
export async function patiently<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  const deadline = new Deadline(PATIENCE_MS);
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const refused = refusal(error);
      if (refused !== undefined) throw refused;
      if (isClosed(error) || error instanceof SlipwayError) throw error;
      if (deadline.over || signal?.aborted) {
        throw new StreamsUnavailable(`NATS: ${errorText(error)}`, { cause: error });
      }
    }
    await backoff(tries);
  }
}
