import { hasCode } from "./api-error.ts";
import type { Log } from "./log.ts";

/** Below this a stream is of no use, and the server's refusal is the better answer. */
const LEAST_BYTES = 16 * 1024 * 1024;
/** JSAccountResourcesExceededErr, JSStorageResourcesExceededErr, JSStreamMaxStreamBytesExceeded. */
const NO_ROOM = [10002, 10047, 10122] as const;

/** Asks for half as much, and half again, where the server has not the room: a laptop runs with what it has, and says so. */
export async function withRoom<T>(
  stream: string,
  asked: number,
  log: Log,
  work: (bytes: number) => Promise<T>,
): Promise<T> {
  for (let bytes = asked; ; bytes = Math.floor(bytes / 2)) {
    try {
      const done = await work(bytes);
      if (bytes < asked) log.warn({ stream, asked, bytes }, "less room in JetStream than asked for");
      return done;
    } catch (error) {
      if (!hasCode(error, ...NO_ROOM) || bytes / 2 < LEAST_BYTES) throw error;
    }
  }
}
