import { MAX_SLOTS, POOL_NAME } from "@slipway/dag";
import { usageError } from "./failure.ts";

/**
 * `gpu=7,db=2`
 * @throws SlipwayError `usage`
 */
export function poolsFrom(text: string | undefined): Readonly<Record<string, number>> | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const pools = new Map<string, number>();
  for (const part of text.split(",").map((each) => each.trim())) {
    const [name = "", size = "", ...more] = part.split("=").map((each) => each.trim());
    const slots = /^[0-9]+$/.test(size) ? Number(size) : 0;
    if (!POOL_NAME.test(name) || more.length > 0 || slots < 1 || slots > MAX_SLOTS || pools.has(name))
      throw usageError(
        `SLIPWAY_POOLS has ${JSON.stringify(part)}`,
        `pools are written NAME=SLOTS, each once, with commas between: gpu=7,db=2; slots are 1 to ${MAX_SLOTS}`,
      );
    pools.set(name, slots);
  }
  return Object.fromEntries(pools);
}
