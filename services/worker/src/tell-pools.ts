import { poolWorkflowId } from "@slipway/dag";
import type { PoolActivities } from "@slipway/run";
import { messagesOf, type PoolLink } from "./pool-link.ts";

/** One signal for each pool. Told twice is told once: pools know their messages again. */
export function tellPoolsActivity(link: Pick<PoolLink, "tell">): PoolActivities["tellPools"] {
  return async ({ letters }) => {
    const now = new Date().toISOString();
    for (const own of Map.groupBy(letters, ({ pool }) => poolWorkflowId("", pool)).values()) {
      const [first] = own;
      const messages = own.flatMap((letter) => messagesOf(letter, now));
      if (first !== undefined) await link.tell(first.pool, messages, first.slots);
    }
  };
}
