import type { Chain, Holder } from "@slipway/dag";
import type { HolderActivities } from "@slipway/run";
import type { ChainFate } from "./chain-fate.ts";

export interface LostPorts {
  readonly fateOf: (chain: Chain) => Promise<ChainFate>;
  /** Of these holders the ones with a pod that may run. Rejects where the cluster does not say. */
  readonly withPods: (holders: readonly Holder[]) => Promise<ReadonlySet<Holder>>;
}

/** Free is whose run is closed (or who has given back) and whose pods are gone: each run is asked once. */
export function findLostActivity({ fateOf, withPods }: LostPorts): HolderActivities["findLost"] {
  return async ({ claims }) => {
    const fates = new Map<string, Promise<ChainFate>>();
    const isUnwanted = async ({ chain }: Holder): Promise<boolean> => {
      const fate = fates.get(chain.firstExecutionRunId) ?? fateOf(chain);
      fates.set(chain.firstExecutionRunId, fate);
      return (await fate).kind === "closed";
    };
    const unwanted = new Map<Holder, number>();
    for (const [at, { holder, left }] of claims.entries())
      if (left || (await isUnwanted(holder))) unwanted.set(holder, at);
    if (unwanted.size === 0) return [];
    const busy = await withPods([...unwanted.keys()]);
    return [...unwanted].flatMap(([holder, at]) => (busy.has(holder) ? [] : [at]));
  };
}
