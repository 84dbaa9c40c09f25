/** A run whose params are set while it goes on, and what must become of each task, counted beside it. */
import fc from "fast-check";
import { expect } from "vitest";
import { control } from "../controls.ts";
import type { TaskName } from "../ids.ts";
import type { JsonObject } from "../json.ts";
import { taskSpec } from "../merge.ts";
import { packRun, unpackRun } from "../packed-run.ts";
import { planOf, withoutSettled } from "../plan.ts";
import { refusal } from "../refusal.ts";
import { apply } from "../run-state.ts";
import { settledState, taskNames } from "../task-state.ts";
import { Planned } from "./planned.ts";
import { asControl, EXIT3, name, OK } from "./played.ts";
import { list } from "./spread.ts";

const PARAMS = { a: "a0", b: "b0", c: "c0" };
type Param = keyof typeof PARAMS;

const names = (uses: readonly Param[]) => uses.map((param) => `\${{ params.${param} }}`).join(" ");
/** How a task may name params: in what is known when it is compiled, or in what is evaluated late. */
const BODIES = {
  early: (uses: readonly Param[]) => ({ image: "x", command: ["echo", names(uses)] }),
  late: (uses: readonly Param[]) => ({ image: "x", command: ["echo", `\${{ attempt }} ${names(uses)}`] }),
  items: (uses: readonly Param[]) => ({
    image: "x",
    forEach: [1, 2],
    command: ["echo", `\${{ item }} ${names(uses)}`],
  }),
  asked: (uses: readonly Param[]) => ({ approve: `Go on? ${names(uses)}` }),
} as const;

export const rows = fc.array(
  fc.record({
    body: fc.constantFrom<(keyof typeof BODIES)[]>("early", "early", "late", "items", "asked"),
    uses: fc.subarray<Param>(["a", "b", "c"], { minLength: 1 }),
    after: fc.array(fc.nat(), { maxLength: 2 }),
  }),
  { minLength: 1, maxLength: 4 },
);
type Row = (typeof rows extends fc.Arbitrary<infer T> ? T : never)[number];

const word = (param: Param) => fc.constantFrom(`${param}0`, `${param}1`, `${param}2`);
const plain = (does: "start" | "due" | "retry" | "hop") => fc.record({ does: fc.constant(does) });
export const steps = fc.oneof(
  { weight: 3, arbitrary: plain("start") },
  { weight: 2, arbitrary: plain("due") },
  { weight: 2, arbitrary: plain("retry") },
  { weight: 1, arbitrary: plain("hop") },
  { weight: 4, arbitrary: fc.record({ at: fc.nat(), isWell: fc.constantFrom(true, false, false) }) },
  {
    weight: 3,
    arbitrary: fc.record({ given: fc.record({ a: word("a"), b: word("b"), c: word("c") }, { requiredKeys: [] }) }),
  },
);
type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never;

/** What is set, which tasks have begun, and what they had then: as a person would keep count. */
export class Counted {
  readonly run: Planned;
  readonly #rows: readonly Row[];
  readonly #begun = new Map<TaskName, string>();
  #params: Readonly<Record<Param, string>> = PARAMS;

  constructor(of: readonly Row[]) {
    const tasks = of.map(({ body, uses, after }, i) => {
      const above = i === 0 ? [] : [...new Set(after.map((n) => `t${n % i}`))];
      const gate = above.length === 0 ? {} : { after: above, rule: "all_done" };
      const again = body === "asked" ? {} : { retries: { limit: 1, delay: "1s" } };
      return [`t${i}`, { ...BODIES[body](uses), ...gate, ...again }] as const;
    });
    this.#rows = of;
    const dag: JsonObject = JSON.parse(JSON.stringify({ params: PARAMS, tasks: Object.fromEntries(tasks) }));
    this.run = new Planned(dag);
    this.#look();
  }

  take(step: Step): void {
    const { run } = this;
    const { state, plan } = run;
    if ("given" in step) this.#set(step.given);
    else if ("at" in step) this.#end(step.at, step.isWell);
    else if (step.does === "start") for (const start of run.start()) this.#begin(name(start.split(" ")[0] ?? ""));
    else if (step.does === "hop") {
      expect(unpackRun(plan.graph, packRun(plan.graph, state))).toEqual(state);
      run.plan = planOf(plan.compiled, plan.earlier);
    } else if (step.does === "due")
      for (const task of taskNames(state)) apply(plan.graph, state, { kind: "due", task });
    else {
      const retry = asControl("retry", {});
      if (refusal(plan.graph, state, retry) === undefined) control(plan.graph, state, retry);
    }
    this.#look();
    run.plan = withoutSettled(run.plan, state);
  }

  /** A pod that runs, or an approval that waits. */
  #end(at: number, isWell: boolean): void {
    const { plan, state } = this.run;
    const open = taskNames(state).filter((task) => ["running", "held"].includes(state.tasks[task]?.kind ?? ""));
    const task = open[at % open.length];
    const now = task === undefined ? undefined : state.tasks[task];
    if (task === undefined) return;
    if (now?.kind === "running") this.run.ended(task, now.attempt, isWell ? OK : EXIT3);
    else control(plan.graph, state, asControl("approve", { task, choice: isWell ? "approve" : "reject" }));
  }

  #set(given: Partial<Record<Param, string>>): void {
    const { run } = this;
    const said = () => JSON.stringify([run.state, run.plan.compiled, run.plan.earlier]);
    const next = { ...this.#params, ...given };
    const others = taskNames(run.state).filter((task) => {
      const isOpen = settledState(run.state.tasks[task]) === undefined && !this.#begun.has(task);
      return isOpen && this.#valuesOf(task, this.#params) !== this.#valuesOf(task, next);
    });
    const before = said();
    const dry = run.set(given, true).changes;
    expect(said()).toBe(before);
    expect(dry.map(({ task }) => task)).toEqual(others);
    expect(run.set(given).changes).toEqual(dry);
    const once = said();
    expect(run.set(given)).toEqual({ changes: [], asks: [] });
    expect(said()).toBe(once);
    this.#params = next;
  }

  #valuesOf(task: TaskName, params: Readonly<Record<string, unknown>>): string {
    return JSON.stringify(this.#row(task).uses.map((param) => params[param]));
  }

  #row(task: TaskName): Row {
    const row = this.#rows[Number(task.slice(1))];
    if (row === undefined) throw new Error(task);
    return row;
  }

  /** It begins with what is set now, whatever was before. */
  #begin(task: TaskName): void {
    if (this.#begun.has(task)) return;
    expect(this.#madeOf(task)).toContain(this.#valuesOf(task, this.#params));
    this.#begun.set(task, this.#madeOf(task));
  }

  #madeOf(task: TaskName): string {
    const made = this.run.plan.tasks.get(task);
    if (made === undefined) throw new Error(task);
    const spec = made.task.kind === "pod" ? taskSpec(made.dag, made.task).container : made.task;
    return JSON.stringify([spec, this.#valuesOf(task, made.dag.params)]).replaceAll("\\", "");
  }

  /** What has begun is what it was; a list is made as soon as it is asked for. */
  #look(): void {
    const { state, plan } = this.run;
    for (const task of taskNames(state)) {
      if (state.tasks[task]?.kind === "asking")
        apply(plan.graph, state, { kind: "answered", task, answer: { kind: "yes", items: list(1, 2) } });
      const now = state.tasks[task];
      if (settledState(now) !== undefined) this.#begun.delete(task);
      if (now?.kind === "held" || now?.kind === "spread") this.#begin(task);
    }
    for (const [task, made] of this.#begun) expect(this.#madeOf(task)).toBe(made);
  }
}
