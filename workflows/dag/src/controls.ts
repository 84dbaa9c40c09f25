import { type Asked, asked, type Control, type Who } from "./control.ts";
import type { Graph } from "./graph.ts";
import { breakOffTask, haltOutcome } from "./halt.ts";
import type { TaskName } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import { afterChoice } from "./held.ts";
import { controlItem } from "./item-controls.ts";
import { isOfItem } from "./item-refusal.ts";
import { held, marked, type Marking } from "./marked.ts";
import { reportOf } from "./report.ts";
import { again as runAgain, decidedFrom, itemsToReset, reopen, reset, takeBack, toReset } from "./reset.ts";
import { apply } from "./run-state.ts";
import { settle } from "./settle.ts";
import { changesOf, type TaskChange } from "./task-change.ts";
import { type Effects, type Halt, noEffects, type RunState, type TaskState } from "./task-state.ts";
import { unitOf } from "./units.ts";

/** How many of the newest controls a run remembers. */
const REMEMBERED = 50;

/** Carries out a control that `refusal` lets pass. Done twice, it changes what it changes once. */
export function control(graph: Graph, state: RunState, what: Control): Effects {
  const before = JSON.stringify([state.tasks, state.items, state.paused, state.cancelled]);
  const effects = carryOut(graph, state, what);
  if (JSON.stringify([state.tasks, state.items, state.paused, state.cancelled]) !== before) remember(state, what);
  return effects;
}

function carryOut(graph: Graph, state: RunState, what: Control): Effects {
  const effects = noEffects();
  if (isOfItem(what)) {
    controlItem(graph, state, effects, what);
    return effects;
  }
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
    case "approve":
      settle(graph, state, effects, { task: what.task }, afterChoice(state, what.choice, what));
      return effects;
    // It is no change of the state: `setParams` (plan.ts) makes the run's plan anew.
    case "setParams":
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
export function remember(state: RunState, what: Control): Asked {
  const before = state.controls ?? [];
  const n = (before.at(-1)?.n ?? 0) + 1;
  const task = "task" in what && what.task !== undefined ? unitOf({ ...what, task: what.task }) : {};
  const said = what.kind === "cancel" ? { ...whoOf(what), ...noteOf(what) } : whoOf(what);
  const choice = what.kind === "approve" ? { choice: what.choice } : {};
  const params = what.kind === "setParams" ? { params: inShort(what.params) } : {};
  const now = { n, control: what.kind, ...task, ...choice, ...params, ...said };
  state.controls = [...before, now].slice(-REMEMBERED);
  return now;
}

/** Of each of the first 20 params at most 100 characters of JSON: it is remembered, and the values are in the history. */
function inShort(params: JsonObject): JsonObject {
  const shown = Object.entries(params)
    .slice(0, 20)
    .map(([name, value]) => {
      const text = JSON.stringify(value);
      return [name.slice(0, 50), text.length <= 100 ? value : `${text.slice(0, 99)}…`] as const;
    });
  return Object.fromEntries(shown);
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
  if (now?.kind !== "delayed" && now?.kind !== "ready" && now?.kind !== "held") return;
  const outcome = haltOutcome(stop, now.kind === "delayed" ? now.last : undefined);
  const attempts = now.kind === "held" ? 0 : now.attempt - 1;
  replace(graph, state, effects, task, { kind: "failed", attempts, outcome });
}

/** What runs is stopped, what has not started is skipped. */
function cancelItems(graph: Graph, state: RunState, effects: Effects, task: TaskName, stop: Halt): void {
  for (const broken of breakOffTask(state, task, stop))
    if (broken.kind === "stop") effects.stops.push(broken.unit);
    else settle(graph, state, effects, broken.unit, broken.state);
}

function mark(graph: Graph, state: RunState, effects: Effects, what: Marking): void {
  const now = state.tasks[what.task];
  if (now === undefined || now.kind === what.state) return;
  replace(graph, state, effects, what.task, marked(graph, state, what));
}

/** The task is this from now on. What was decided from its old state alone is decided anew; what has run stays. */
function replace(graph: Graph, state: RunState, effects: Effects, task: TaskName, by: TaskState): void {
  const node = graph.get(task);
  if (node === undefined) return;
  const decided = decidedFrom(graph, state, node);
  if (takeBack(graph, state, task)) reopen(graph, state, task);
  settle(graph, state, effects, { task }, held(state, by));
  reset(graph, state, effects, runAgain(graph, state, decided));
}

/** What a control would change, found out on a copy. */
export function preview(graph: Graph, state: RunState, what: Control): TaskChange[] {
  const copy: RunState = JSON.parse(JSON.stringify(state));
  const before = reportOf(graph, copy, false, "all");
  const effects = control(graph, copy, what);
  return changesOf(before, reportOf(graph, copy, false, "all"), effects);
}
