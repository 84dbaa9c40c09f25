import type { CompiledDag } from "../compiled.ts";
import { RUN_POD_DAG } from "../ids.ts";
import type { JsonObject } from "../json.ts";
import { own } from "../strategic-merge.ts";
import { priorityKey } from "./priority.ts";
import type { PoolRef } from "./pool-ref.ts";

/** What a task needs before an attempt of it may start. */
export interface PoolNeed {
  readonly pool: PoolRef;
  readonly slots: number;
}

/** What a task says of what it shares with others, its layers merged. */
export interface LimitWords {
  readonly pool?: JsonObject;
  readonly mutex?: string;
  readonly priority?: string;
}

/** What that makes of its turn. */
export interface TurnWords {
  /** In the order in which they are asked for; the next only once the one before is held. Absent: nothing. */
  readonly needs?: readonly PoolNeed[];
  /** 1 goes first, 5 last; NORMAL where absent. */
  readonly priority?: number;
}

/**
 * The mutex comes before the pool, for every task: so nobody who holds a pool's slot waits for a mutex, and no circle of waiting is
 * possible; and who waits keeps back only what is his alone. (docs/decisions/0021)
 */
export function turnOf({ pool = {}, mutex, priority }: LimitWords): TurnWords {
  const [name, slots] = [own(pool, "name"), own(pool, "slots")];
  const needs: readonly PoolNeed[] = [
    ...(mutex === undefined ? [] : [{ pool: { kind: "mutex", name: mutex } as const, slots: 1 }]),
    ...(typeof name === "string"
      ? [{ pool: { kind: "pool", name } as const, slots: typeof slots === "number" ? slots : 1 }]
      : []),
  ];
  return {
    ...(needs.length > 0 && { needs }),
    ...(priority !== undefined && { priority: priorityKey(priority) }),
  };
}

/** Active runs of a DAG where it says nothing. */
export const MAX_ACTIVE_RUNS = 16;

/** What a run needs before it begins; one of `runPod` is of no DAG. */
export function runNeed({ dag, maxActiveRuns = MAX_ACTIVE_RUNS }: CompiledDag): PoolNeed | undefined {
  return dag === RUN_POD_DAG ? undefined : { pool: { kind: "runs", name: dag }, slots: maxActiveRuns };
}
