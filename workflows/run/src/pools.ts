import {
  type Chain,
  type Change,
  type Holder,
  type PoolAnswer,
  type PoolAsk,
  type PoolRef,
  runNeed,
} from "@slipway/dag";
import { CancellationScope, log, rootCause, sleep } from "@temporalio/workflow";
import { poolActivities } from "./pool-activities.ts";
import type { PoolLetter, PoolNews } from "./pool-ports.ts";
import type { PreparedRun } from "./ports.ts";
import { Pump } from "./pump.ts";
import { shortened } from "./titles.ts";

/** Letters in one activity. */
const LETTERS = 200;
export const AGAIN = "10 minutes";

/** A run's side of its pools: one batch of letters under way at a time, so that they stay in order. */
export class Pools extends Pump<PoolLetter> {
  readonly #prepared: PreparedRun;
  readonly #chain: Chain;
  readonly #again: () => readonly PoolAsk[];
  #watching = false;

  /** `again`: all that the run has asked for. */
  constructor(prepared: PreparedRun, chain: Chain, again: () => readonly PoolAsk[]) {
    super({ size: LETTERS, lanes: 1 }, tellPools);
    this.#prepared = prepared;
    this.#chain = chain;
    this.#again = again;
  }

  tell(asks: readonly PoolAsk[]): void {
    if (asks.some(({ kind }) => kind === "request") && !this.#watching)
      void CancellationScope.nonCancellable(() => this.#watch());
    const run = holderOf(this.#prepared, this.#chain);
    this.add(
      ...asks.map(({ pool, unit, ...message }) => ({ pool, message: { ...message, holder: { ...run, ...unit } } })),
    );
  }

  /** A pool may be lost (somebody terminated it): while the run has something of one, it asks again now and then. */
  async #watch(): Promise<void> {
    this.#watching = true;
    for (;;) {
      await sleep(AGAIN, { summary: "do the pools still know?" });
      const asks = this.#again();
      if (asks.length === 0) break;
      this.tell(asks);
      this.turn();
    }
    this.#watching = false;
  }

  /** The run itself is not active any more; others of its DAG wait. */
  leave(): void {
    const pool = runNeed(this.#prepared.compiled)?.pool;
    const holder = holderOf(this.#prepared, this.#chain);
    if (pool !== undefined) this.add({ pool, message: { kind: "release", holder, turn: RUN_TURN } });
  }
}

/** A run waits for its own turn once. */
export const RUN_TURN = 1;

export function holderOf({ cluster, compiled, run }: PreparedRun, chain: Chain): Holder {
  return { chain, cluster, dag: compiled.dag, run };
}

/** Of what a pool says, what is meant for tasks of this run: another of the same id may have been told before it began. */
export function changesIn({ pool, answers }: PoolNews, chain: Chain): Change[] {
  return answers.flatMap(({ holder, ...word }) => {
    const { task, index } = holder;
    if (task === undefined || holder.chain.firstExecutionRunId !== chain.firstExecutionRunId) return [];
    return [{ kind: "pool", word: { ...word, pool, task, ...(index !== undefined && { index }) } } as const];
  });
}

/** The same of the run itself. */
export function ownTurn({ pool, answers }: PoolNews, chain: Chain): PoolAnswer | undefined {
  const isOwn = ({ holder }: PoolAnswer): boolean =>
    holder.task === undefined && holder.chain.firstExecutionRunId === chain.firstExecutionRunId;
  return pool.kind === "runs" ? answers.findLast(isOwn) : undefined;
}

/** Never rejects. */
export async function tellPools(letters: PoolLetter[]): Promise<void> {
  const { tellPools: tell } = poolActivities(shortened(letters.map(titleOf)));
  await CancellationScope.nonCancellable(() => tell({ letters })).catch((error: unknown) =>
    log.error("pools were not told", { reason: rootCause(error) }),
  );
}

function titleOf({ pool, message }: PoolLetter): string {
  return `${message.kind} ${nameOf(pool)}`;
}

function nameOf({ kind, name }: PoolRef): string {
  return `${kind} ${name.length <= 40 ? name : `${name.slice(0, 39)}…`}`;
}
