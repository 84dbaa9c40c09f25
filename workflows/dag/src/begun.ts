import type { GraphNode } from "./graph.ts";
import { attemptsBefore } from "./passes.ts";
import { NOTHING_SPENT } from "./retry.ts";
import type { Answer, RunState, TaskState } from "./task-state.ts";

/** What the answer to its `if` makes of a task. */
export function afterAnswer(state: RunState, node: GraphNode, answer: Answer): TaskState {
  switch (answer.kind) {
    case "yes":
      return begun(state, node);
    case "no":
      return { kind: "skipped", reason: "its `if` is false" };
    case "broken":
      return { kind: "failed", attempts: 0, outcome: { kind: "expression", message: `if: ${answer.why}` } };
  }
}

/** A task whose turn has come. */
export function begun(state: RunState, { name, kind }: GraphNode): TaskState {
  if (kind === "noop") return { kind: "succeeded", attempts: 0 };
  return kind === "group"
    ? { kind: "open" }
    : { kind: "ready", attempt: 1 + attemptsBefore(state, name), spent: NOTHING_SPENT };
}
