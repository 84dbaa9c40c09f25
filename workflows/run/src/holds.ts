import {
  type CompiledTask,
  type Effects,
  formatDuration,
  type Hold,
  type HoldChange,
  type HoldEnd,
  type HoldTexts,
  INPUT_TOO_LARGE,
  type JsonObject,
  type Needs,
  passOf,
  type RunState,
  type TaskName,
} from "@slipway/dag";
import { CancellationScope, isCancellation, rootCause, sleep, workflowInfo } from "@temporalio/workflow";
import { messageActivities, openHold } from "./activities.ts";
import type { TaskOf } from "./conditions.ts";
import type { PreparedRun, RunEvent } from "./ports.ts";

type HeldTask = Extract<CompiledTask, { readonly kind: "approve" | "wait" }>;

/** What a hold needs of its run. */
interface HoldWorld {
  readonly taskOf: TaskOf;
  /** What its expressions name; `undefined`: more than an activity is given. */
  readonly input: (needs: Needs, task: TaskName) => JsonObject | undefined;
  /** The event that says that the task waits: whoever listens for a message sends it once it does. */
  readonly event: (task: TaskName, hold: Hold) => RunEvent;
  readonly tell: (change: HoldChange) => void;
}

/**
 * Carries out approvals and waits: gives their texts values, then waits with timers, and for a message with an activity.
 * Each ends once: by its own end, or because the state has settled the task another way.
 */
export class Holds {
  readonly #world: HoldWorld;
  readonly #installation: string;
  readonly #scopes = new Map<TaskName, CancellationScope>();

  constructor({ installation }: PreparedRun, world: HoldWorld) {
    this.#world = world;
    this.#installation = installation;
  }

  /** First what is no longer what it was, then what begins: a task may be both. */
  carryOut({ settled, cleared, holds }: Effects, state: RunState): void {
    for (const { task } of [...settled, ...cleared]) this.#scopes.get(task)?.cancel();
    this.begin(holds, state);
  }

  /** Tasks whose state is `held`. */
  begin(names: readonly TaskName[], state: RunState): void {
    for (const task of names.map((name) => this.#world.taskOf(name)))
      if (task?.kind === "approve" || task?.kind === "wait") this.#begin(task, state);
  }

  /** A cancel of the run is the state's to carry out, so it ends no timer. */
  #begin(task: HeldTask, state: RunState): void {
    const now = state.tasks[task.name];
    if (now?.kind !== "held") return;
    const of = { task: task.name, pass: passOf(state, { task: task.name }) };
    void CancellationScope.nonCancellable(async () => {
      const scope = new CancellationScope();
      this.#scopes.set(task.name, scope);
      const end = await scope.run(() => this.#carryOut(task, of, now.on)).catch(endOf);
      if (this.#scopes.get(task.name) === scope) this.#scopes.delete(task.name);
      if (end !== undefined) this.#world.tell({ kind: "over", ...of, end });
    });
  }

  /** Undefined: only an answer ends it. */
  async #carryOut(
    task: HeldTask,
    of: Pick<HoldChange, "task" | "pass">,
    left: Hold | undefined,
  ): Promise<HoldEnd | undefined> {
    if (left !== undefined) return await this.#end(task, left, hopStart());
    const opened = await this.#open(task);
    if (opened.kind === "broken") return opened;
    const { hold } = opened;
    this.#world.tell({ kind: "holding", ...of, hold });
    return await this.#end(task, hold, hold.since);
  }

  async #open(task: HeldTask): ReturnType<typeof openHold> {
    const { timeoutMs, needs } = task;
    const variables = needs && this.#world.input(needs, task.name);
    if (needs !== undefined && variables === undefined) return { kind: "broken", outcome: INPUT_TOO_LARGE };
    const given = { ...(variables && { variables }), ...(timeoutMs !== undefined && { timeoutMs }) };
    return await openHold({ texts: textsOf(task), ...given });
  }

  /** `now`: by the clock of the hold where it has just begun, else by that of the server, since an earlier hop began it. */
  async #end(task: HeldTask, hold: Hold, now: number): Promise<HoldEnd | undefined> {
    const { due, deadline, subject } = hold;
    const scope = new CancellationScope();
    return await scope.run(async () => {
      const ends: Promise<HoldEnd>[] = [];
      if (due !== undefined) ends.push(after(due - now, task.name).then(() => ({ kind: "done" })));
      if (deadline !== undefined) ends.push(after(deadline - now, `${task.name}: timeout`).then(() => tooLate(task)));
      if (subject !== undefined) ends.push(this.#message(task, hold, subject));
      if (ends.length === 0) return undefined;
      const end = await Promise.race(ends);
      scope.cancel();
      return end;
    });
  }

  async #message(task: HeldTask, hold: Hold, subject: string): Promise<HoldEnd> {
    const condition = task.kind === "wait" && task.wait.kind === "event" ? task.wait.if : undefined;
    const variables = task.needs === undefined ? {} : this.#world.input(task.needs, task.name);
    if (variables === undefined) return { kind: "broken", outcome: INPUT_TOO_LARGE };
    const { awaitMessage } = messageActivities(this.#installation, `${task.name}: a message on ${subject}`);
    const event = this.#world.event(task.name, hold);
    return await awaitMessage({ subject, variables, event, ...(condition !== undefined && { if: condition }) });
  }
}

function textsOf(task: HeldTask): HoldTexts {
  return task.kind === "approve" ? { kind: "approve", message: task.approve.message } : task.wait;
}

function tooLate({ kind, timeoutMs = 0 }: HeldTask): HoldEnd {
  const what = kind === "approve" ? "nobody answered" : "not over";
  return { kind: "timeout", message: `${what} within ${formatDuration(timeoutMs)}` };
}

/** An activity that failed for good is the task's end; what was let go has none. */
function endOf(error: unknown): HoldEnd | undefined {
  if (isCancellation(error)) return undefined;
  return { kind: "broken", outcome: { kind: "config", message: rootCause(error) ?? "it cannot be waited for" } };
}

async function after(ms: number, summary: string): Promise<void> {
  if (ms > 0) await sleep(ms, { summary });
}

/** When this history began, by Temporal's clock: what is left of a hold that an earlier one began counts from there. */
function hopStart(): number {
  return workflowInfo().runStartTime.getTime();
}
