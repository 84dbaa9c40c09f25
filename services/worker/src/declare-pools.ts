import type { Logger } from "pino";
import type { PoolLink } from "./pool-link.ts";
import { reasonOf } from "./temporal.ts";

/** Each worker that starts tells the pools their size: what the operator changed arrives with the first restart. */
export async function declarePools(
  link: Pick<PoolLink, "tell">,
  pools: Readonly<Record<string, number>>,
  log: Pick<Logger, "warn">,
): Promise<void> {
  for (const [name, slots] of Object.entries(pools)) {
    await link.tell({ kind: "pool", name }, [{ kind: "resize", slots }]).catch((error: unknown) => {
      log.warn({ pool: name, reason: reasonOf(error) }, "a pool was not told its size; it keeps the one it has");
    });
  }
}
