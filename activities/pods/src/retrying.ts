import { ApiError } from "./api-error.ts";
import { backoffMs, sleep } from "./backoff.ts";

const TRIES = 6;

/** One API call, tried again while the fault may pass: about 10 s in all. What is left over is thrown. */
export async function retrying<T>(call: () => Promise<T>): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await call();
    } catch (error) {
      const wait = passing(error, failures);
      if (wait === undefined || failures + 1 >= TRIES) throw error;
      await sleep(wait);
    }
  }
}

function passing(error: unknown, failures: number): number | undefined {
  if (!(error instanceof ApiError)) return undefined;
  if (error.fault.kind === "throttled") return error.fault.retryAfterMs;
  return error.fault.kind === "unavailable" ? backoffMs(failures) : undefined;
}
