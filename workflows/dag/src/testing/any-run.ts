import type { Graph } from "../graph.ts";
import type { ItemList } from "../items.ts";
import type { Outcome } from "../outcome.ts";
import { apply, beginRun } from "../run-state.ts";
import { inFlight, takeStarts } from "../starts.ts";
import type { Change, Effects, RunState } from "../task-state.ts";
import { unitKey, unitOf } from "../units.ts";
import { listOf } from "./spread.ts";

/** A run of any DAG, driven to its end: every condition is true, delays are over at once. */
export class AnyRun {
  readonly graph: Graph;
  readonly state: RunState;
  /** Units, in the order of their attempts. */
  readonly started: string[] = [];
  readonly #lists: (task: string) => ItemList;

  constructor(
    graph: Graph,
    { state, effects }: { state: RunState; effects: Effects } = beginRun(graph, "seed"),
    lists: (task: string) => ItemList = () => listOf(3),
  ) {
    this.graph = graph;
    this.state = state;
    this.#lists = lists;
    this.carryOut(effects);
  }

  /** At most so many ends. */
  go(outcomeOf: (unit: string) => Outcome, ends = Infinity): this {
    for (let n = 0; n < ends; n += 1) {
      this.started.push(...takeStarts(this.graph, this.state).map(unitKey));
      const [first] = inFlight(this.graph, this.state).starts;
      if (first === undefined) return this;
      const { attempt, ...unit } = first;
      this.apply({ kind: "ended", ...unitOf(unit), attempt, outcome: outcomeOf(unitKey(unit)) });
    }
    return this;
  }

  carryOut({ asks, gives, delays }: Effects): void {
    for (const task of asks) {
      const items = this.graph.get(task)?.each === undefined ? {} : { items: this.#lists(task) };
      this.apply({ kind: "answered", task, answer: { kind: "yes", ...items }, pass: this.#passOf(task) });
    }
    for (const unit of gives)
      this.apply({ kind: "given", ...unit, given: { kind: "values", values: {} }, pass: this.#passOf(unitKey(unit)) });
    for (const { ms: _ms, ...due } of delays) this.apply({ kind: "due", ...due });
  }

  get kinds(): Record<string, string> {
    return Object.fromEntries(Object.entries(this.state.tasks).map(([task, { kind }]) => [task, kind]));
  }

  #passOf(unit: string): number {
    return this.state.passes?.[unit]?.pass ?? 1;
  }

  apply(change: Change): void {
    this.carryOut(apply(this.graph, this.state, change));
  }
}
