import { setTimeout as sleep } from "node:timers/promises";

/**
 * Asks again until `probe` answers something other than undefined or false, for at most `seconds`; then fails with what
 * it waited for. An error of the last try is the failure's cause.
 */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  seconds = 60,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let cause: unknown;
  while (Date.now() < deadline) {
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await sleep(100);
  }
  throw new Error(`not within ${seconds} s: ${what}`, { cause });
}
