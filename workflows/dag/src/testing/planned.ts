import { expect } from "vitest";
import type { CompiledDag } from "../compiled.ts";
import type { SetParams } from "../control.ts";
import { canonicalJson, type JsonObject } from "../json.ts";
import { taskSpec } from "../merge.ts";
import { planOf, type Plan, replanned, setParams, withoutSettled } from "../plan.ts";
import { settleAdmissions } from "../pool/admission.ts";
import { differing, isSameShape } from "../read.ts";
import { apply, beginRun } from "../run-state.ts";
import { takeStarts } from "../starts.ts";
import { name, OK } from "./played.ts";
import { compiledDag } from "./spread.ts";

/** A run whose params are set as an activity and the workflow set them. */
export class Planned {
  plan: Plan;
  readonly state;
  readonly #dag: JsonObject;
  readonly #known = new Map<string, CompiledDag>();
  constructor(dag: JsonObject) {
    this.#dag = dag;
    this.plan = planOf(compiledDag(dag));
    this.state = beginRun(this.plan.graph, "seed").state;
  }

  set(given: JsonObject, dryRun = false) {
    const before = this.#made(this.state.params ?? {});
    const after = this.#made({ ...this.state.params, ...given });
    expect(isSameShape(before, after)).toBe(true);
    const next = replanned(this.plan, this.state, after, differing(before, after));
    if (next.kind === "refused") throw new Error(next.problem.what);
    const what: SetParams = { kind: "setParams", params: given, by: "anna" };
    const { asks = [], asked } = dryRun ? {} : setParams(this.plan, next.plan, this.state, what);
    if (!dryRun) this.plan = next.plan;
    return { changes: next.changes, asks, asked };
  }

  /** Most of a test's time goes here, so each once. */
  #made(params: JsonObject): CompiledDag {
    const key = canonicalJson(params);
    const made = this.#known.get(key) ?? compiledDag(this.#dag, params);
    this.#known.set(key, made);
    return made;
  }

  start(): string[] {
    settleAdmissions(this.plan.graph, this.state);
    return takeStarts(this.plan.graph, this.state).map(({ task }) => `${task} ${this.wordOf(task)}`);
  }

  wordOf(task: string): string {
    const made = this.plan.tasks.get(name(task));
    return made?.task.kind === "pod" ? JSON.stringify(taskSpec(made.dag, made.task).container["env"]) : "-";
  }

  ended(task: string, attempt: number, outcome = OK) {
    const effects = apply(this.plan.graph, this.state, { kind: "ended", task: name(task), attempt, outcome });
    this.plan = withoutSettled(this.plan, this.state);
    return effects.delays;
  }
}
