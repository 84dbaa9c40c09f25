import { brokenOff } from "./broken-off.ts";
import type { Control, ControlKind } from "./control.ts";
import { remember } from "./controls.ts";
import { problem, type Problem } from "./errors.ts";
import type { Graph } from "./graph.ts";
import type { TaskName } from "./ids.ts";
import { isOfItem, itemToReset } from "./item-refusal.ts";
import { sizeOf } from "./items.ts";
import type { JsonObject } from "./json.ts";
import { type PackedRun, unpackRun } from "./packed-run.ts";
import { refusal } from "./refusal.ts";
import { reportOf, type RunReport } from "./report.ts";
import { followers, itemsToReset, reset, takeBack, toReset } from "./reset.ts";
import { EVERY_ITEM, FAILED_ITEMS, type ItemChoice, takeBackItems } from "./reset-items.ts";
import { letGoLists } from "./run-outputs.ts";
import { isSettled } from "./run-state.ts";
import { consider } from "./settle.ts";
import { inFlight } from "./starts.ts";
import { takenOver } from "./taken-over.ts";
import { changesOf, type TaskChange } from "./task-change.ts";
import { type Effects, noEffects, type RunState, settledState, taskNames } from "./task-state.ts";
import { type Unit, unitState } from "./units.ts";

/** What a closed run may be asked for: it goes on in another run, which takes over what succeeded. */
export const RERUNS = ["retry", "clear"] as const satisfies readonly ControlKind[];
export type RerunControl = Extract<Control, { readonly kind: (typeof RERUNS)[number] }>;

/** A run that goes on where a closed one ended: with its DAG, its params and its date. */
export interface Rerun {
  /** The closed run's workflow id. */
  readonly of: string;
  readonly next: PackedRun;
}

/** What a closed run makes of a control. `next`: what another run begins with; absent in a dry run, and `tasks` with it. */
export type GoesOn =
  | { readonly kind: "refused"; readonly problem: Problem }
  | {
      readonly kind: "ok";
      readonly state: RunReport["state"];
      readonly changes: readonly TaskChange[];
      /** Those that were set since the run was started. */
      readonly params?: JsonObject;
      readonly next?: PackedRun;
      /** The positions in `next` are of these. */
      readonly tasks?: readonly TaskName[];
    };

/**
 * The end of a run, then the control as an open run would carry it out. What the end of the whole run broke off runs too; where no
 * task is named, so does all that failed.
 */
export function goOn(
  graph: Graph,
  before: RunState,
  of: string,
  control: RerunControl,
): Problem | { readonly changes: readonly TaskChange[]; readonly state: RunState } {
  const state = takenOver(graph, before, of);
  const refused = refusal(graph, state, control);
  if (refused !== undefined) return refused;
  const { tasks, groups } = brokenOff(graph, before);
  for (const group of groups) if (takeBack(graph, state, group)) state.tasks[group] = { kind: "open" };
  const asked = isOfItem(control) ? itemToReset(graph, state, control) : toReset(graph, state, control);
  const broken = tasks.flatMap((task) =>
    toReset(graph, state, { kind: "clear", task, upstream: false, downstream: true }),
  );
  const names = [...new Set([...asked, ...broken])];
  makeListsAnew(graph, state, names, isOfItem(control) ? control.task : undefined);
  reset(graph, state, noEffects(), names, choiceOf(itemsToReset(graph, control, asked), asked, broken));
  if (control.kind === "retry") retryItemsOfLive(state, control);
  consider(graph, state, noEffects(), [...graph.values()]);
  if (isSettled(state)) return problem("task-state", NOTHING[control.kind], { fix: FIX[control.kind] });
  delete state.passes;
  remember(state, control);
  const [from, to] = [reportOf(graph, before, true, "all"), reportOf(graph, state, false, "all")];
  return { state, changes: changesOf(from, to, noEffects()) };
}

/** A task that Temporal ended in the middle of its items has not failed, and some of them have. */
function retryItemsOfLive(state: RunState, { task, index }: Partial<Unit>): void {
  for (const name of taskNames(state)) {
    const isAsked = index === undefined && (task === undefined || task === name);
    if (isAsked && settledState(state.tasks[name]) === undefined) takeBackItems(state, noEffects(), name, FAILED_ITEMS);
  }
}

const NOTHING = { retry: "nothing of the run failed", clear: "nothing would run again" } as const;
const FIX = {
  retry: "`slipway clear RUN TASK` runs a task again whatever its state",
  clear: "its `rule` or its upstreams keep it as it is: clear those",
} as const;

/**
 * A list was made for one run: where something runs again that its task waits for, the next run makes its own. But `kept`: a
 * position was named in its list.
 */
function makeListsAnew(graph: Graph, state: RunState, names: readonly TaskName[], kept: TaskName | undefined): void {
  const [follows, again] = [followers(graph, names), new Set(names)];
  for (const { name, outputs } of graph.values()) {
    const items = state.items?.[name];
    const isToRun = again.has(name) || settledState(state.tasks[name]) === undefined;
    if (items === undefined || name === kept || !isToRun || !follows(name)) continue;
    takeBackItems(state, noEffects(), name, EVERY_ITEM);
    letGoLists(state, outputs, sizeOf(items));
    delete state.items?.[name];
  }
}

function choiceOf(
  chosen: (task: TaskName) => ItemChoice,
  asked: readonly TaskName[],
  broken: readonly TaskName[],
): (task: TaskName) => ItemChoice {
  const [isAsked, isBroken] = [new Set(asked), new Set(broken)];
  return (task) => (index, now) =>
    (isAsked.has(task) && chosen(task)(index, now)) || (isBroken.has(task) && FAILED_ITEMS(index, now));
}

/** A run begins with what a closed one has left it. What was taken over is told as what has settled. */
export function beginAgain(graph: Graph, seed: string, { next }: Rerun): { state: RunState; effects: Effects } {
  const state = { ...unpackRun(graph, next), seed };
  const { asks, gives, holds } = inFlight(graph, state);
  return { state, effects: { ...noEffects(), asks, gives, holds, settled: settledUnits(state) } };
}

function settledUnits(state: RunState): Unit[] {
  const units = taskNames(state).flatMap((task): Unit[] => [
    ...Array.from(state.items?.[task]?.states.keys() ?? [], (index) => ({ task, index })),
    { task },
  ]);
  return units.filter((unit) => settledState(unitState(state, unit)) !== undefined);
}
