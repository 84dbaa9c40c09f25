import type { TaskName } from "./ids.ts";
import type { RunState } from "./task-state.ts";

type Of = Pick<RunState, "tasks" | "passes">;

/** How often a task's story has begun: 1, and one more each time that what it was is taken back, or replaced. */
export function passOf(state: Pick<RunState, "passes">, task: string): number {
  return state.passes?.[task]?.pass ?? 1;
}

/** Attempts of a task before this pass. */
export function attemptsBefore(state: Of, task: string): number {
  return state.passes?.[task]?.attempts ?? 0;
}

/** Whether an attempt was made in this pass; `attempt` is the next one. */
export function hasTried(state: Of, task: TaskName, { attempt }: { readonly attempt: number }): boolean {
  return attempt - 1 > attemptsBefore(state, task);
}

/** Attempts started so far, in every pass. */
export function attemptsMade(state: Of, task: string): number {
  const now = state.tasks[task];
  switch (now?.kind) {
    case "succeeded":
    case "failed":
    case "skipped":
      return now.attempts || attemptsBefore(state, task);
    case "running":
      return now.attempt;
    case "ready":
    case "delayed":
      return now.attempt - 1;
    default:
      return attemptsBefore(state, task);
  }
}

/** The next pass of a task begins: what it was is taken back, or replaced. */
export function nextPass(state: RunState, task: TaskName): void {
  const pass = passOf(state, task) + 1;
  const attempts = attemptsMade(state, task);
  state.passes ??= {};
  state.passes[task] = { pass, attempts };
}
