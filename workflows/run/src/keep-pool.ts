import {
  applyToPool,
  claimsOn,
  type Entry,
  holderKey,
  isIdle,
  newPool,
  readPoolMessages,
  type PoolAnswer,
  type PoolMessage,
  type PoolState,
  type PoolView,
  tellMoved,
  viewOf,
} from "@slipway/dag";
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  getExternalWorkflowHandle,
  log,
  rootCause,
  setHandler,
  sleep,
  workflowInfo,
} from "@temporalio/workflow";
import { holderActivities } from "./pool-activities.ts";
import type { PoolInput, PoolNews } from "./pool-ports.ts";

/** What pools are told, asked, and say. */
export const tellPool = defineSignal<[unknown]>("tell");
export const askPool = defineUpdate<readonly PoolAnswer[], [unknown]>("ask");
export const poolQuery = defineQuery<PoolView>("pool");
export const poolNews = defineSignal<[unknown]>("poolNews");

/** Claims in one question. */
const CLAIMS = 500;

/**
 * One pool: who holds its slots, who waits. It decides by `applyToPool` alone, and outlives every run; one that nobody declared
 * ends when nobody has used it for a while. It takes no cancel: it would forget who holds its slots. (docs/decisions/0021)
 */
export async function keepPool(input: PoolInput): Promise<void> {
  const keeper = new PoolKeeper(input);
  setHandler(tellPool, (messages) => keeper.tell(readPoolMessages(messages)), {
    description: "requests, releases, a new size",
  });
  setHandler(askPool, (messages) => keeper.ask(readPoolMessages(messages)), {
    description: "the same, answered at once",
  });
  setHandler(poolQuery, () => keeper.view, { description: "slots, holders, who waits" });
  const next = await CancellationScope.nonCancellable(() => keeper.untilSpent());
  if (next === undefined) return;
  await condition(allHandlersFinished);
  await continueAsNew<typeof keepPool>(next);
}

class PoolKeeper {
  readonly #input: PoolInput;
  readonly #state: PoolState;
  readonly #outbox: PoolAnswer[] = [];
  /** Claims whose holder was gone at a look, with a time behind that look; null: it was in this history. */
  #suspects: Map<string, number | null>;
  #sending = 0;
  #watching = false;
  #over = false;

  constructor(input: PoolInput) {
    this.#input = input;
    this.#state = input.state ?? newPool(input.slots);
    const begun = workflowInfo().runStartTime.getTime();
    this.#suspects = new Map(Object.entries(input.suspects ?? {}).map(([key, since]) => [key, since ?? begun]));
    // The hop before may have been too short for a look.
    if (!isIdle(this.#state)) this.#watch(true);
  }

  get view(): PoolView {
    return viewOf(this.#state);
  }

  tell(messages: readonly PoolMessage[]): void {
    this.#outbox.push(...this.#take(messages));
  }

  /** What concerns others is told to them. */
  ask(messages: readonly PoolMessage[]): PoolAnswer[] {
    const asking = new Set(messages.flatMap((each) => (each.kind === "request" ? [holderKey(each.holder)] : [])));
    const answers = this.#take(messages);
    this.#outbox.push(...answers.filter(({ holder }) => !asking.has(holderKey(holder))));
    return answers.filter(({ holder }) => asking.has(holderKey(holder)));
  }

  /** What it hands to its next history; undefined where it is over. */
  async untilSpent(): Promise<PoolInput | undefined> {
    for (;;) {
      await condition(() => this.#outbox.length > 0 || this.#over || this.#isSpent);
      if (this.#outbox.length > 0) this.#send(this.#outbox.splice(0));
      else if (this.#isSpent) return this.#next;
      else if (this.#over) return undefined;
    }
  }

  get #next(): PoolInput {
    const suspects = Object.fromEntries(this.#suspects);
    return { ...this.#input, slots: this.#state.slots, state: this.#state, suspects };
  }

  get #isSpent(): boolean {
    return this.#sending === 0 && workflowInfo().historyLength >= this.#input.historyEvents;
  }

  #take(messages: readonly PoolMessage[]): PoolAnswer[] {
    const answers = applyToPool(this.#state, messages);
    if (messages.some((message) => message.kind === "release" && message.left))
      void CancellationScope.nonCancellable(() => this.#look("left"));
    if (!isIdle(this.#state)) this.#watch(false);
    return answers;
  }

  /** One signal for each run. A run that is closed takes none: the next look finds it. */
  #send(answers: readonly PoolAnswer[]): void {
    for (const [workflowId, own] of Map.groupBy(answers, ({ holder }) => holder.chain.workflowId)) {
      this.#sending += 1;
      void getExternalWorkflowHandle(workflowId)
        .signal(poolNews, { pool: this.#input.pool, answers: own } satisfies PoolNews)
        .catch((error: unknown) => log.info("a run was not told", { workflowId, reason: rootCause(error) }))
        .finally(() => {
          this.#sending -= 1;
        });
    }
  }

  /** While somebody is there, one timer, and a look behind each. */
  #watch(atOnce: boolean): void {
    if (this.#watching) return;
    this.#watching = true;
    void CancellationScope.nonCancellable(() => this.#turns(atOnce));
  }

  async #turns(atOnce: boolean): Promise<void> {
    if (atOnce) await this.#look("begin");
    for (;;) {
      await sleep(this.#input.checkMs, { summary: "are all holders there?" });
      if (isIdle(this.#state)) break;
      await this.#look("due");
      this.#outbox.push(...tellMoved(this.#state));
    }
    this.#watching = false;
    this.#over = this.#input.pool.kind !== "pool";
  }

  /**
   * Frees what nobody holds any more: at once what was given back, the rest where it was so `checkMs` before too, since the pod of a run
   * that has just been ended may be about to be made. `due` is a look that far behind every other.
   */
  async #look(why: "left" | "begin" | "due"): Promise<void> {
    const gone = await this.#gone(why === "left");
    const known = this.#suspects;
    if (why !== "left") this.#suspects = new Map();
    for (const { holder, turn, left } of gone) {
      const key = `${holderKey(holder)} ${turn}`;
      const since = known.get(key);
      if (left || (since !== undefined && (why === "due" || this.#isLongAgo(since))))
        this.tell([{ kind: "release", holder, turn }]);
      else this.#suspects.set(key, since ?? null);
    }
  }

  #isLongAgo(since: number | null): boolean {
    return since !== null && workflowInfo().runStartTime.getTime() - since >= this.#input.checkMs;
  }

  /** Claims whose holders are gone; of those alone that were given back, or of all. */
  async #gone(isLeft: boolean): Promise<Entry[]> {
    const gone: Entry[] = [];
    for (const [cluster, all] of claimsOn(this.#state)) {
      const claims = isLeft ? all.filter(({ left }) => left) : all;
      for (let at = 0; at < claims.length; at += CLAIMS) {
        const batch = claims.slice(at, at + CLAIMS);
        const asked = batch.map(({ holder, left }) => ({ holder, ...(left && { left }) }));
        const { findLost } = holderActivities(this.#input.installation, cluster);
        gone.push(...(await findLost({ claims: asked }).catch(() => [])).flatMap((each) => batch[each] ?? []));
      }
    }
    return gone;
  }
}
