import { asked, type Control, type Mark, type Who } from "./control.ts";
import { problem, type Problem } from "./errors.ts";
import type { Graph, GraphNode } from "./graph.ts";
import type { TaskName } from "./ids.ts";
import { attemptsMade, hasTried } from "./passes.ts";
import { type RunReport, reportOf, taskReport, type TaskReport } from "./report.ts";
import { again as runAgain, decidedFrom, itemsToReset, reopen, reset, takeBack, toReset } from "./reset.ts";
import { breakOffTask, haltOutcome } from "./halt.ts";
import { hold } from "./run-outputs.ts";
import { apply } from "./run-state.ts";
import { settle } from "./settle.ts";
import { type Effects, type Halt, noEffects, type RunState, type TaskState } from "./task-state.ts";

/** How many of the newest controls a run remembers. */
const REMEMBERED = 50;

/** One task that a control changes: its state before, and the one it has or will have. */
export interface TaskChange {
  readonly task: string;
  readonly from: TaskReport["state"];
  readonly to: TaskReport["state"];
}

/** Why a control cannot be carried out now. Undefined: it can. It changes nothing. */
export function refusal(graph: Graph, state: RunState, control: Control): Problem | undefined {
  const ending = state.cancelled === undefined ? state.sections[""]?.halt : { kind: "cancel", message: "" };
  if (ending?.kind === "cancel" && control.kind !== "cancel")
    return problem("run-closed", "the run is being cancelled");
  if (ending?.kind === "timeout" && control.kind !== "cancel")
    return problem("run-closed", `the run ends: ${ending.message}`);
  const task = "task" in control ? control.task : undefined;
  if (task === undefined) return control.kind === "retry" ? underWay(state, toReset(graph, state, control)) : undefined;
  const node = graph.get(task);
  if (node === undefined) return problem("task-not-found", `the run has no task ${JSON.stringify(task)}`);
  return taskRefusal(graph, state, control, node);
}

function taskRefusal(graph: Graph, state: RunState, control: Control, node: GraphNode): Problem | undefined {
  const { name, kind } = node;
  const now = state.tasks[name];
  const word = taskReport(graph, state, name).state;
  const isUnderWay = atWork(now);
  const isUnstarted =
    now?.kind === "waiting" ||
    now?.kind === "asking" ||
    (now?.kind === "ready" && !hasTried(state, { task: name }, now));
  const settles = control.kind === "mark" || control.kind === "skip";
  const misplaced = settles ? placeRefusal(graph, state, node) : undefined;
  if (misplaced !== undefined) return misplaced;
  switch (control.kind) {
    case "cancelTask":
      if (kind !== "group" && now?.kind !== "asking" && (isUnderWay || now?.kind === "ready")) return undefined;
      return wrong(
        `${name} is ${word}: it has no attempt to stop`,
        "`slipway skip RUN TASK` keeps a task from starting",
      );
    case "mark":
      if (kind === "group")
        return wrong(`${name} is a group: its tasks give it its state`, "mark its tasks, or skip it before it starts");
      return now?.kind === "running" || now?.kind === "spread"
        ? wrong(`${name} is running`, "end its attempt first: `slipway cancel RUN TASK`")
        : undefined;
    case "skip":
      return isUnstarted || now?.kind === "skipped"
        ? undefined
        : wrong(
            `${name} is ${word}: only a task that has not started is skipped`,
            "`slipway mark RUN TASK skipped` changes a state",
          );
    case "retry":
      if (now?.kind === "succeeded" || now?.kind === "skipped" || now?.kind === "upstream_failed")
        return wrong(
          `${name} has not failed: it is ${word}`,
          "`slipway clear RUN TASK` runs a task again whatever its state",
        );
      return underWay(state, toReset(graph, state, control));
    case "clear":
      return isUnderWay ? busy(name) : underWay(state, toReset(graph, state, control));
    default:
      return undefined;
  }
}

function atWork(now: TaskState | undefined): boolean {
  return (
    now?.kind === "running" ||
    now?.kind === "delayed" ||
    now?.kind === "open" ||
    now?.kind === "spread" ||
    now?.kind === "asking"
  );
}

/** A state can be given only in a group that has begun, and before the `finally` of its section: what that took away is not there for what follows. */
function placeRefusal(graph: Graph, state: RunState, { name, group, final }: GraphNode): Problem | undefined {
  const section = final === true ? undefined : graph.sections.get(group ?? "");
  const last = section?.finally.find((one) => state.tasks[one.name]?.kind !== "waiting");
  if (last !== undefined)
    return wrong(`${last.name} has begun, the \`finally\` behind ${name}`, "`slipway clear RUN TASK` runs both again");
  const around = group === undefined ? undefined : graph.get(group);
  if (around === undefined) return undefined;
  const begun = ["open", "succeeded", "failed"].includes(state.tasks[around.name]?.kind ?? "waiting");
  if (!begun)
    return wrong(`the group ${around.name} has not begun`, `\`slipway skip RUN ${around.name}\` skips it whole`);
  return placeRefusal(graph, state, around);
}

/** Of the tasks that would run again, one that is at it now. */
function underWay(state: RunState, names: readonly TaskName[]): Problem | undefined {
  const name = names.find((one) => atWork(state.tasks[one]));
  return name === undefined ? undefined : busy(name);
}

function busy(name: TaskName): Problem {
  return wrong(
    `${name} is under way and would have to run again`,
    "wait until it is done, or `slipway cancel RUN TASK` first",
  );
}

function wrong(what: string, fix: string): Problem {
  return problem("task-state", what, { fix });
}

/** Carries out a control that `refusal` lets pass. Done twice, it changes what it changes once. */
export function control(graph: Graph, state: RunState, what: Control): Effects {
  const before = JSON.stringify([state.tasks, state.items, state.paused, state.cancelled]);
  const effects = carryOut(graph, state, what);
  if (JSON.stringify([state.tasks, state.items, state.paused, state.cancelled]) !== before) remember(state, what);
  return effects;
}

function carryOut(graph: Graph, state: RunState, what: Control): Effects {
  const effects = noEffects();
  switch (what.kind) {
    case "pause":
      state.paused ??= whoOf(what);
      return effects;
    case "resume":
      delete state.paused;
      return effects;
    case "cancel":
      return apply(graph, state, {
        kind: "cancel",
        reason: cancelReason(what),
      });
    case "cancelTask":
      cancelTask(graph, state, effects, what);
      return effects;
    case "skip":
      mark(graph, state, effects, { ...what, state: "skipped" });
      return effects;
    case "mark":
      mark(graph, state, effects, what);
      return effects;
    case "retry":
    case "clear":
      again(graph, state, effects, what);
      return effects;
  }
}

function again(
  graph: Graph,
  state: RunState,
  effects: Effects,
  what: Extract<Control, { kind: "retry" | "clear" }>,
): void {
  const names = toReset(graph, state, what);
  reset(graph, state, effects, names, itemsToReset(graph, what, names));
}

export function cancelReason(what: Extract<Control, { readonly kind: "cancel" }>): string {
  return asked("the run was cancelled", { ...what, ...noteOf(what) });
}

function noteOf({ note, reason }: Who & { readonly reason?: string }): Who {
  const said = reason ?? note;
  return said === undefined ? {} : { note: said };
}

export function whoOf({ by, note }: Who): Who {
  return { ...(by !== undefined && { by }), ...(note !== undefined && { note }) };
}

/** Keeps who and why. */
export function remember(state: RunState, what: Control): void {
  const before = state.controls ?? [];
  const n = (before.at(-1)?.n ?? 0) + 1;
  const task = "task" in what && what.task !== undefined ? { task: what.task } : {};
  const said = what.kind === "cancel" ? { ...whoOf(what), ...noteOf(what) } : whoOf(what);
  state.controls = [...before, { n, control: what.kind, ...task, ...said }].slice(-REMEMBERED);
}

/** The attempt is stopped, and counts as cancelled however it ends; between two attempts the task has failed at once. */
function cancelTask(graph: Graph, state: RunState, effects: Effects, what: Who & { readonly task: TaskName }): void {
  const { task } = what;
  const now = state.tasks[task];
  const stop = { kind: "cancel", message: asked("cancelled", what) } as const;
  if (now?.kind === "spread") return cancelItems(graph, state, effects, task, stop);
  if (now?.kind === "running" && now.stop === undefined) {
    state.tasks[task] = { ...now, stop };
    effects.stops.push({ task });
  }
  if (now?.kind !== "delayed" && now?.kind !== "ready") return;
  const outcome = haltOutcome(stop, now.kind === "delayed" ? now.last : undefined);
  replace(graph, state, effects, task, { kind: "failed", attempts: now.attempt - 1, outcome });
}

/** What runs is stopped, what has not started is skipped. */
function cancelItems(graph: Graph, state: RunState, effects: Effects, task: TaskName, stop: Halt): void {
  for (const broken of breakOffTask(state, task, stop))
    if (broken.kind === "stop") effects.stops.push(broken.unit);
    else settle(graph, state, effects, broken.unit, broken.state);
}

function mark(graph: Graph, state: RunState, effects: Effects, { task, ...what }: Marking): void {
  const now = state.tasks[task];
  if (now === undefined || now.kind === what.state) return;
  replace(graph, state, effects, task, marked(graph, state, task, what));
}

type Marking = Who & { readonly task: TaskName; readonly state: Mark };

function marked(
  graph: Graph,
  state: RunState,
  task: TaskName,
  { state: to, ...who }: Omit<Marking, "task">,
): TaskState {
  const attempts = attemptsMade(state, { task });
  const reason = asked(`marked ${to}`, who);
  if (to === "skipped") return { kind: "skipped", reason, byHand: true, ...(attempts > 0 && { attempts }) };
  if (to === "failed") return { kind: "failed", attempts, outcome: { kind: "rejected", message: reason } };
  const now = state.tasks[task];
  if (graph.get(task)?.each !== undefined) return { kind: "succeeded", attempts, reason };
  const outputs = { ...graph.get(task)?.outputs, ...(now?.kind === "failed" ? now.outputs : undefined) };
  return { kind: "succeeded", attempts, reason, ...(Object.keys(outputs).length > 0 && { outputs }) };
}

/** The task is this from now on. What was decided from its old state alone is decided anew; what has run stays. */
function replace(graph: Graph, state: RunState, effects: Effects, task: TaskName, by: TaskState): void {
  const node = graph.get(task);
  if (node === undefined) return;
  const decided = decidedFrom(graph, state, node);
  if (takeBack(graph, state, task)) reopen(graph, state, task);
  const hasRoom = by.kind !== "succeeded" || by.outputs === undefined || hold(state, by.outputs);
  settle(graph, state, effects, { task }, hasRoom ? by : withoutOutputs(by));
  reset(graph, state, effects, runAgain(graph, state, decided));
}

function withoutOutputs(by: TaskState): TaskState {
  if (by.kind !== "succeeded") return by;
  const { outputs: _outputs, ...bare } = by;
  return bare;
}

/** What a control would change, or has changed: every task whose state differs, or whose attempt is being stopped. */
export function changesOf(before: RunReport, after: RunReport, { stops }: Pick<Effects, "stops">): TaskChange[] {
  return Object.entries(after.tasks).flatMap(([task, { state: to }]): TaskChange[] => {
    const from = before.tasks[task]?.state ?? "waiting";
    if (stops.some((unit) => unit.task === task)) return [{ task, from, to: "failed" }];
    return from === to ? [] : [{ task, from, to }];
  });
}

/** What a control would change, found out on a copy. */
export function preview(graph: Graph, state: RunState, what: Control): TaskChange[] {
  const copy: RunState = JSON.parse(JSON.stringify(state));
  const before = reportOf(graph, copy, false);
  const effects = control(graph, copy, what);
  return changesOf(before, reportOf(graph, copy, false), effects);
}
