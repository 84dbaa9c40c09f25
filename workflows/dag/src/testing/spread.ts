/** A run with one task over a list, driven by its test. */
import { graphOf } from "../graph.ts";
import type { TaskName } from "../ids.ts";
import type { ItemList } from "../items.ts";
import type { JsonObject } from "../json.ts";
import type { Outcome } from "../outcome.ts";
import { compileDag } from "../read/compile.ts";
import { told } from "../read/compiled-task.ts";
import { readDagJson } from "../read/dag-file.ts";
import { type TaskReport, taskReport } from "../report.ts";
import { apply, beginRun } from "../run-state.ts";
import { takeStarts } from "../starts.ts";
import type { Answer, Effects, RunState, Start } from "../task-state.ts";
import { unitKey } from "../units.ts";
import { verdict } from "../verdict.ts";
import { name, OK } from "./played.ts";

export function compiledDag(fields: JsonObject, params: JsonObject = {}) {
  const read = readDagJson({ dag: "d", ...fields });
  const compiled = read.kind === "ok" ? compileDag(read.value, params) : read;
  if (compiled.kind === "refused") throw new Error(told(compiled));
  return compiled.value;
}

export const list = (...elements: number[]): ItemList => ({ lists: [elements] });
export const listOf = (length: number): ItemList => list(...Array.from({ length }, (_, at) => at));

/** The DAG of a task `load` over a list; what else stands in it. */
export class Spread {
  readonly graph;
  readonly state: RunState;
  readonly started: string[] = [];
  most = 0;
  #running = new Map<string, Start>();

  constructor(load: JsonObject = {}, fields: JsonObject = {}, more: JsonObject = {}) {
    const tasks = { load: { image: "x", forEach: "${{ range(3) }}", ...load }, ...more };
    this.graph = graphOf(compiledDag({ ...fields, tasks }));
    this.state = beginRun(this.graph, "seed").state;
  }

  answer(answer: Answer, task = "load"): Effects {
    return apply(this.graph, this.state, { kind: "answered", task: name(task), answer });
  }

  over(items: ItemList): this {
    this.answer({ kind: "yes", items });
    return this;
  }

  start(): string[] {
    const starts = takeStarts(this.graph, this.state);
    for (const start of starts) {
      this.started.push(`${unitKey(start)}.${start.attempt}`);
      this.#running.set(unitKey(start), start);
    }
    this.most = Math.max(this.most, this.#running.size);
    return starts.map(unitKey);
  }

  get running(): string[] {
    return [...this.#running.keys()];
  }

  end(unit: string, outcome: Outcome = OK, outputs?: JsonObject): Effects {
    const start = this.#running.get(unit);
    if (start === undefined) throw new Error(`${unit} does not run`);
    this.#running.delete(unit);
    const { task, index, attempt } = start;
    const change = { kind: "ended", task, ...(index !== undefined && { index }), attempt, outcome } as const;
    const effects = apply(this.graph, this.state, { ...change, ...(outputs && { outputs }) });
    for (const { ms: _ms, ...due } of effects.delays) apply(this.graph, this.state, { kind: "due", ...due });
    return effects;
  }

  /** To the end: `pick` says which of those that run ends next. */
  play(outcomeOf: (unit: string, attempt: number) => Outcome, pick = (running: readonly string[]) => running[0]): this {
    for (let round = 0; round < 100_000; round += 1) {
      this.start();
      const unit = pick(this.running);
      if (unit === undefined) return this;
      this.end(unit, outcomeOf(unit, this.#running.get(unit)?.attempt ?? 0));
    }
    throw new Error("it does not end");
  }

  report(task: string = "load"): TaskReport {
    return taskReport(this.graph, this.state, task);
  }

  get items(): Record<string, string> {
    return Object.fromEntries((this.report().items ?? []).map(({ key, state }) => [key, state]));
  }

  get verdict(): string {
    return verdict(this.graph, this.state);
  }

  get load(): TaskName {
    return name("load");
  }
}
