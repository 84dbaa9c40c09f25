import {
  type Chain,
  type Plan,
  planOf,
  type ParamsSet,
  type Problem,
  problem,
  replanned,
  type RunReport,
  type RunState,
  type SetParams,
  setParams,
  type TaskChange,
} from "@slipway/dag";
import { CancellationScope, condition } from "@temporalio/workflow";
import { changeParams } from "./activities.ts";
import type { ChangedParams, PreparedRun } from "./ports.ts";
import { type Controlled, refused } from "./updates.ts";

/** What setting params needs of its run. */
interface ParamsWorld {
  readonly chain: Chain;
  readonly logicalDate: string;
  readonly plan: () => Plan;
  readonly state: () => RunState;
  readonly stateWord: () => RunReport["state"];
  readonly refusal: (what: SetParams) => Problem | undefined;
  /** The run is made of this from here on; `changes`: what is another by it. */
  readonly take: (plan: Plan, set: ParamsSet, changes: readonly TaskChange[]) => void;
}

const LEAVING = problem("run-closed", "the run goes on in a new history right now", { fix: "ask again" });

/** Sets params of an open run: one after another, for each is compiled over the one before. Nothing has changed until an activity has answered. */
export class Params {
  readonly #world: ParamsWorld;
  #asked = 0;
  #isCompiling = false;
  #isLeaving = false;

  constructor(world: ParamsWorld) {
    this.#world = world;
  }

  /** Somebody waits for an answer: in the next history nobody would give it. */
  get areAsked(): boolean {
    return this.#asked > 0;
  }

  /** The run is handed on: what would be set now would be lost. */
  leave(): void {
    this.#isLeaving = true;
  }

  async set(what: SetParams, dryRun: boolean): Promise<Controlled> {
    if (this.#isLeaving) throw refused(LEAVING);
    this.#asked += 1;
    try {
      while (this.#isCompiling) await condition(() => !this.#isCompiling);
      this.#isCompiling = true;
      const answer = await this.#compiled(what).finally(() => (this.#isCompiling = false));
      return this.#fold(what, answer, dryRun);
    } finally {
      this.#asked -= 1;
    }
  }

  async #compiled({ params }: SetParams): Promise<ChangedParams> {
    const { chain, logicalDate, state } = this.#world;
    const before = state().params ?? {};
    const input = { chain, logicalDate, before, after: { ...before, ...params } };
    return await CancellationScope.nonCancellable(() => changeParams(input));
  }

  /** At once, over what the run is now: meanwhile tasks have begun. */
  #fold(what: SetParams, answer: ChangedParams, dryRun: boolean): Controlled {
    const refusal = this.#world.refusal(what);
    if (refusal !== undefined) throw refused(refusal);
    if (answer.kind === "refused") throw refusedAll(answer.problems);
    const [before, state] = [this.#world.plan(), this.#world.state()];
    const next = replanned(before, state, answer.compiled, answer.differing);
    if (next.kind === "refused") throw refused(next.problem);
    if (!dryRun) this.#world.take(next.plan, setParams(before, next.plan, state, what), next.changes);
    return { state: this.#world.stateWord(), changes: next.changes };
  }
}

function refusedAll([first, ...others]: readonly Problem[]): Error {
  return refused(first ?? problem("bad-param", "these params were refused"), ...others);
}

/** What a run is made of, as a hop takes it over and hands it on. */
export function planIn({ compiled, earlier }: PreparedRun): Plan {
  return planOf(compiled, earlier);
}

export function withPlan({ earlier: _before, ...prepared }: PreparedRun, { compiled, earlier }: Plan): PreparedRun {
  return { ...prepared, compiled, ...(earlier.length > 0 && { earlier }) };
}
