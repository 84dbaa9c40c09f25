/** A run that its test drives. */
import { type Control, type ControlKind, readControl } from "../control.ts";
import { control, preview } from "../controls.ts";
import { refusal } from "../refusal.ts";
import { type Graph, graphFrom, type GraphNode } from "../graph.ts";
import { isTaskName, type TaskName } from "../ids.ts";
import type { Outcome } from "../outcome.ts";
import type { Rule } from "../rules.ts";
import { apply, beginRun } from "../run-state.ts";
import { takeStarts } from "../starts.ts";
import type { RunState } from "../task-state.ts";

export function name(text: string): TaskName {
  if (!isTaskName(text)) throw new Error(`not a task name: ${text}`);
  return text;
}

/** `{ b: "a" }` draws a → b; names that begin with `n` have no pod. */
export function graph(
  edges: Record<string, string>,
  limit = 0,
  ruleOf: (task: TaskName) => Rule = () => "all_success",
): Graph {
  const after = new Map(
    Object.entries(edges).map(([task, above]) => [name(task), above.split(" ").filter(Boolean).map(name)]),
  );
  const before = new Map<TaskName, TaskName[]>();
  for (const [task, above] of after) for (const each of above) before.set(each, (before.get(each) ?? []).concat(task));
  const node = (task: TaskName): GraphNode => ({
    name: task,
    kind: task.startsWith("n") ? "noop" : "pod",
    after: after.get(task) ?? [],
    gate: { kind: "rule", rule: ruleOf(task) },
    before: before.get(task) ?? [],
    retries: { limit, delayMs: 1000, factor: 1, maxDelayMs: 600_000, disruptions: 3 },
    outputs: {},
    exitCodes: { skip: [99], fail: [] },
  });
  return graphFrom([...after.keys()].map(node));
}

export const OK: Outcome = { kind: "succeeded", message: "succeeded" };
export const EXIT3: Outcome = { kind: "exit", exitCode: 3, message: "exit code 3" };
export const EXIT99: Outcome = { kind: "exit", exitCode: 99, message: "exit code 99" };

/** A run that its test drives. Every start is written down. */
export class Played {
  readonly graph: Graph;
  readonly state: RunState;
  readonly started: string[] = [];
  constructor(of: Graph) {
    this.graph = of;
    this.state = beginRun(of, "seed").state;
  }

  /** At most so many ends, each of the first task that runs; delays are over at once. */
  go(outcomeOf: (task: string) => Outcome, ends = 1000): this {
    for (let n = 0; n < ends; n += 1) {
      for (const { task, attempt } of takeStarts(this.graph, this.state)) this.started.push(`${task}.${attempt}`);
      const [task] = Object.keys(this.state.tasks).filter((one) => this.state.tasks[one]?.kind === "running");
      const now = task === undefined ? undefined : this.state.tasks[task];
      if (task === undefined || now?.kind !== "running") return this;
      const outputs = { of: task };
      const change = {
        kind: "ended",
        task: name(task),
        attempt: now.attempt,
        outcome: outcomeOf(task),
        outputs,
      } as const;
      for (const delay of apply(this.graph, this.state, change).delays)
        apply(this.graph, this.state, { kind: "due", task: delay.task, attempt: delay.attempt });
    }
    return this;
  }

  ask(kind: ControlKind, input: unknown = {}) {
    const what = asControl(kind, input);
    const refused = refusal(this.graph, this.state, what);
    if (refused !== undefined) return { refused: `${refused.code}: ${refused.what}` };
    const changes = preview(this.graph, this.state, what);
    control(this.graph, this.state, what);
    return { changes: changes.map(({ task, from, to }) => `${task} ${from} → ${to}`) };
  }

  get kinds(): Record<string, string> {
    return Object.fromEntries(Object.entries(this.state.tasks).map(([task, { kind }]) => [task, kind]));
  }
}

export function asControl(kind: ControlKind, input: unknown): Control {
  const read = readControl(kind, input);
  if (read.kind === "refused") throw new Error(read.problem.what);
  return read.request.control;
}
