/** A run of pods, approvals and waits, driven by its test: whatever begins, what it waits for has settled. */
import fc from "fast-check";
import { expect } from "vitest";
import { control } from "../controls.ts";
import { type Graph, graphOf } from "../graph.ts";
import type { HoldEnd } from "../held.ts";
import type { TaskName } from "../ids.ts";
import { refusal } from "../refusal.ts";
import { type Rule, RULES } from "../rules.ts";
import { apply, beginRun, isSettled } from "../run-state.ts";
import { takeStarts } from "../starts.ts";
import { type Effects, type RunState, settledState, taskNames } from "../task-state.ts";
import { asControl, EXIT3, OK } from "./played.ts";
import { compiledDag } from "./spread.ts";

const BODIES = {
  pod: { image: "x" },
  asked: { approve: "?", timeout: "8h" },
  byDefault: { approve: { message: "?", default: "reject" }, timeout: "8h" },
  time: { wait: "1h", timeout: "8h" },
  message: { wait: { event: { subject: "a.b" } }, timeout: "8h" },
} as const;
type Body = keyof typeof BODIES;

/** What a task may hear of, and what becomes of it then. */
export const WORDS = ["ended well", "ended badly", "approve", "reject", "done", "timeout", "broken"] as const;
export type Word = (typeof WORDS)[number];
export const FITTING: Readonly<Record<Body, readonly Word[]>> = {
  pod: ["ended well", "ended badly"],
  asked: ["approve", "reject", "timeout", "broken"],
  byDefault: ["approve", "reject", "timeout", "broken"],
  time: ["done", "timeout", "broken"],
  message: ["done", "timeout", "broken"],
};
const ENDS: Partial<Record<Word, HoldEnd>> = {
  done: { kind: "done", outputs: { subject: "a.b", headers: {}, data: 1 } },
  timeout: { kind: "timeout", message: "too late" },
  broken: { kind: "broken", outcome: { kind: "config", message: "no" } },
};

interface Row {
  readonly body: Body;
  readonly rule: Rule;
  readonly after: readonly number[];
}

export const rows = fc
  .array(
    fc.record({
      body: fc.constantFrom<Body>("pod", "asked", "byDefault", "time", "message"),
      rule: fc.oneof(fc.constant<Rule>("all_success"), fc.constantFrom(...RULES)),
      after: fc.array(fc.nat(), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((all) =>
    all.map((row, i): Row => ({ ...row, after: i === 0 ? [] : [...new Set(row.after.map((n) => n % i))] })),
  );

/** A run of such tasks. */
export class Held {
  readonly graph: Graph;
  readonly state: RunState;
  readonly #rows: readonly Row[];
  /** How often each task has settled. */
  readonly settled: string[] = [];

  constructor(of: readonly Row[]) {
    const tasks = of.map(({ body, rule, after }, i) => {
      const gate = after.length === 0 ? {} : { after: after.map((n) => `t${n}`), rule };
      return [`t${i}`, { ...BODIES[body], ...gate }] as const;
    });
    this.#rows = of;
    this.graph = graphOf(compiledDag({ tasks: Object.fromEntries(tasks) }));
    const { state, effects } = beginRun(this.graph, "seed");
    this.state = state;
    this.#look(effects);
  }

  row(task: string): Row {
    const row = this.#rows[Number(task.slice(1))];
    if (row === undefined) throw new Error(task);
    return row;
  }

  get open(): TaskName[] {
    return taskNames(this.state).filter((task) => ["running", "held"].includes(this.state.tasks[task]?.kind ?? ""));
  }

  /** A word that the task's state does not fit does nothing; an answer is refused then. */
  hear(task: TaskName, word: Word, pass = 1): void {
    const end = ENDS[word];
    if (word === "approve" || word === "reject") {
      const what = asControl("approve", { task, choice: word });
      const refused = refusal(this.graph, this.state, what);
      expect(refused === undefined).toBe(
        this.state.tasks[task]?.kind === "held" && this.graph.get(task)?.kind === "approve",
      );
      if (refused === undefined) this.#look(control(this.graph, this.state, what));
    } else if (end !== undefined) this.#look(apply(this.graph, this.state, { kind: "over", task, pass, end }));
    else {
      const outcome = word === "ended well" ? OK : EXIT3;
      this.#look(apply(this.graph, this.state, { kind: "ended", task, attempt: pass, outcome }));
    }
  }

  /** To the end: `pick` says which of the open tasks ends next. */
  play(wordOf: (task: TaskName) => Word, pick: (open: readonly TaskName[]) => TaskName | undefined): this {
    for (let task = pick(this.open); task !== undefined; task = pick(this.open)) this.hear(task, wordOf(task));
    expect(isSettled(this.state)).toBe(true);
    return this;
  }

  #look({ settled, holds }: Effects): void {
    this.settled.push(...settled.map(({ task }) => task));
    const starts = takeStarts(this.graph, this.state).map(({ task }) => task);
    for (const task of [...starts, ...holds]) this.#mayBegin(task);
  }

  /** By a rule that looks at one upstream, one has settled; by any other all have. */
  #mayBegin(task: TaskName): void {
    const { rule, after } = this.row(task);
    const isOpen = after.map((n) => settledState(this.state.tasks[`t${n}`]) === undefined);
    if (rule.startsWith("one_")) expect(isOpen.every((open) => open) && isOpen.length > 0).toBe(false);
    else if (rule !== "always") expect(isOpen).toEqual(isOpen.map(() => false));
  }
}
