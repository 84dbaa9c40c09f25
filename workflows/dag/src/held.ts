import { asked, type Who } from "./control.ts";
import type { GraphNode } from "./graph.ts";
import type { TaskName } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import type { Outcome } from "./outcome.ts";
import { passOf } from "./passes.ts";
import { hold as keep, NO_ROOM } from "./run-outputs.ts";
import type { Effects, RunState, TaskState } from "./task-state.ts";

/** What holds a task that makes no pod (an approval, a wait), once its texts have values. Times are milliseconds since 1970. */
export interface Hold {
  /** For people: an approval's question; until when, or for a message on which subject, a wait waits. */
  readonly reason: string;
  /** When it began, by the clock that the other two are of. */
  readonly since: number;
  /** When a wait for a time is over. */
  readonly due?: number;
  /** When the task's `timeout` is over. */
  readonly deadline?: number;
  /** The earlier of the two, for people (RFC 3339). */
  readonly until?: string;
  /** Of a wait for a message. */
  readonly subject?: string;
}

/** How a hold ended that nobody answered. */
export type HoldEnd =
  | { readonly kind: "done"; readonly outputs?: JsonObject }
  | { readonly kind: "timeout"; readonly message: string }
  /** It cannot be waited for. */
  | { readonly kind: "broken"; readonly outcome: Outcome };

/** `pass`: the one in which the task is held (see passes.ts). */
interface OfHold {
  readonly task: TaskName;
  readonly pass: number;
}

export type HoldChange =
  /** It is known what the task waits for. */
  | ({ readonly kind: "holding"; readonly hold: Hold } & OfHold)
  | ({ readonly kind: "over"; readonly end: HoldEnd } & OfHold);

/**
 * What an approval is asked for. `default`: the choice where nobody answers in time; without one the task has failed then.
 * A type, not an interface: it is JSON.
 */
export type Approval = {
  readonly options: readonly string[];
  readonly assignees?: readonly string[];
  readonly default?: string;
};

/** The option that makes the task failed. */
export const REJECT = "reject";

/** What an approval hands on, whatever came of it. */
export const APPROVAL_OUTPUTS = ["choice", "by", "note"] as const;
/** The same of a wait for a message. */
export const MESSAGE_OUTPUTS = ["subject", "headers", "data"] as const;

type Held = Extract<TaskState, { readonly kind: "held" }>;

/** The task as it is held in this pass; undefined: a late word, or a repeated one. */
export function heldNow(state: RunState, { task, pass }: OfHold): Held | undefined {
  const now = state.tasks[task];
  return now?.kind === "held" && passOf(state, { task }) === pass ? now : undefined;
}

export function holding(
  state: RunState,
  effects: Effects,
  change: Extract<HoldChange, { readonly kind: "holding" }>,
): void {
  const now = heldNow(state, change);
  if (now === undefined || now.on !== undefined) return;
  state.tasks[change.task] = { kind: "held", on: change.hold };
  effects.held.push(change.task);
}

/** What the end of its hold makes of a task. */
export function afterHold(state: RunState, node: GraphNode, end: HoldEnd): TaskState {
  switch (end.kind) {
    case "done":
      return withOutputs(state, { kind: "succeeded", attempts: 0 }, end.outputs);
    case "broken":
      return { kind: "failed", attempts: 0, outcome: end.outcome };
    case "timeout": {
      const choice = node.approval?.default;
      const outcome: Outcome = { kind: "timeout", which: "attempt", message: end.message };
      return choice === undefined
        ? { kind: "failed", attempts: 0, outcome }
        : afterChoice(state, choice, { note: end.message });
    }
  }
}

/** What an answer makes of an approval. */
export function afterChoice(state: RunState, choice: string, { by, note }: Who): TaskState {
  const outputs = { choice, by: by ?? null, note: note ?? null };
  const said = asked(choice, { ...(by !== undefined && { by }), ...(note !== undefined && { note }) });
  if (choice !== REJECT) return withOutputs(state, { kind: "succeeded", attempts: 0, reason: said }, outputs);
  const message = said.replace(/^reject/, "rejected");
  return withOutputs(state, { kind: "failed", attempts: 0, outcome: { kind: "rejected", message } }, outputs);
}

type Ended = Extract<TaskState, { readonly kind: "succeeded" | "failed" }>;

function withOutputs(state: RunState, end: Ended, outputs: JsonObject | undefined): Ended {
  if (outputs === undefined) return end;
  if (keep(state, outputs)) return { ...end, outputs };
  return end.kind === "failed" ? end : { kind: "failed", attempts: 0, outcome: NO_ROOM };
}
