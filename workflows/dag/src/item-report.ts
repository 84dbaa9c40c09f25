import { brief } from "./failures.ts";
import type { Graph, GraphNode } from "./graph.ts";
import type { TaskName } from "./ids.ts";
import { type Items, keyOf } from "./items.ts";
import { type Json, type JsonObject, utf8Length } from "./json.ts";
import type { OutcomeKind } from "./outcome.ts";
import { attemptsMade } from "./passes.ts";
import { type UnitReport, unitReport } from "./unit-report.ts";
import { type RunState, settledState } from "./task-state.ts";
import { unitState } from "./units.ts";

/** One item of a task with `forEach`. What went as it should says no more than that. */
export interface ItemReport {
  readonly index: number;
  readonly key: string;
  readonly state: UnitReport["state"];
  readonly kind?: OutcomeKind;
  /** Where they are not what the state says: none of what waits or was skipped, one of the others. */
  readonly attempts?: number;
  readonly reason?: string;
  readonly message?: string;
}

export interface SpreadReport {
  /** How many items are in which state; of those that are none, nothing is said. */
  readonly counts: Readonly<Partial<Record<UnitReport["state"], number>>>;
  /** By position; where a run has more than a report can hold, the ones worth looking at first. */
  readonly items?: readonly ItemReport[];
  /** Of all items together. */
  readonly attempts?: number;
  /** Of each output the list of all items. */
  readonly outputs?: JsonObject;
}

/** `3 of 5 succeeded, 1 failed, 1 waiting`; nothing of a task without items. */
export function countsText({ counts = {} }: Partial<SpreadReport>): string {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return Object.entries(counts)
    .map(([state, count], at) => `${count}${at === 0 ? ` of ${all}` : ""} ${state}`)
    .join(", ");
}

/** Bytes of JSON of all items of a report, beside 768 KB of outputs and the messages of tasks (Temporal: 2 MB a payload). */
const ITEM_BYTES = 655_360;
/** Items of one task that are shown where not all can be. */
const FEW = 100;
/** Items whose message is told, of one task. */
const MESSAGES = 100;
const MESSAGE = 160;

/** How much of the items is wanted: all, those worth looking at first, or how many there are alone, which costs nothing. */
export type ItemDetail = "all" | "few" | "counts";

/** Whether a report has room for every item of the run. */
export function detailFor(state: RunState): ItemDetail {
  let bytes = 0;
  for (const items of Object.values(state.items ?? {})) {
    const keys = items.keys === undefined ? items.states.length * 7 : utf8Length(JSON.stringify(items.keys));
    bytes += items.states.length * 45 + keys + Math.min(items.failed, MESSAGES) * (MESSAGE + 80);
  }
  return bytes <= ITEM_BYTES ? "all" : "few";
}

export function spreadReport(graph: Graph, state: RunState, node: GraphNode, detail: ItemDetail): SpreadReport {
  const items = state.items?.[node.name];
  if (detail === "counts") return { counts: items === undefined ? {} : counted(items) };
  const outputs = spreadOutputs(state, node);
  const given = Object.keys(outputs).length > 0 && settledState(state.tasks[node.name]) !== undefined && { outputs };
  if (items === undefined) return { counts: {}, ...given };
  const all = reportsOf(graph, state, node.name, items);
  const counts: Partial<Record<UnitReport["state"], number>> = {};
  for (const { state: one } of all) counts[one] = (counts[one] ?? 0) + 1;
  const units = all.map(({ index }) => attemptsMade(state, { task: node.name, index }));
  const shown = detail === "all" ? all : worth(all).slice(0, FEW);
  let told = 0;
  return {
    counts,
    attempts: units.reduce((sum, made) => sum + made, 0),
    ...given,
    items: shown.map(({ message, ...item }) => {
      told += message === undefined ? 0 : 1;
      return message === undefined || told > MESSAGES ? item : { ...item, message: brief(message, MESSAGE) };
    }),
  };
}

/** By what is counted as items change; one between two attempts waits. */
function counted({ states, open, running, succeeded, failed }: Items): SpreadReport["counts"] {
  const skipped = states.length - open - succeeded - failed;
  const all = { waiting: open - running, running, succeeded, failed, skipped };
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0));
}

/** Those that need a look, the worst first. */
const WORTH: readonly UnitReport["state"][] = ["failed", "retrying", "running"];

function worth(all: readonly ItemReport[]): ItemReport[] {
  return WORTH.flatMap((wanted) => all.filter(({ state }) => state === wanted));
}

function reportsOf(graph: Graph, state: RunState, task: TaskName, items: Items): ItemReport[] {
  const settled = settledState(state.tasks[task]);
  return Array.from(items.states.keys(), (index): ItemReport => {
    const unit = { task, index };
    const { state: own, attempts, outputs: _outputs, ...why } = unitReport(graph, state, unit);
    // A task that was decided anew without its items leaves them as they were before: they have its state.
    const shown = own === "waiting" && settled !== undefined ? settled : own;
    const usual = shown === "waiting" || shown === "skipped" || shown === "upstream_failed" ? 0 : 1;
    const made = shown === own ? attempts : attemptsMade(state, unit);
    return { index, key: keyOf(items, index), state: shown, ...why, ...(made !== usual && { attempts: made }) };
  });
}

/** Of each output the list of all items: what an item gave; where it was skipped the default; else null. */
export function spreadOutputs(state: RunState, { name: task, outputs }: GraphNode): JsonObject {
  const indexes = [...(state.items?.[task]?.states.keys() ?? [])];
  const units = indexes.map((index) => unitState(state, { task, index }));
  const valueIn = (now: (typeof units)[number], name: string, otherwise: Json): Json => {
    if (now?.kind === "succeeded" || now?.kind === "failed") return now.outputs?.[name] ?? null;
    return otherwise;
  };
  return Object.fromEntries(
    Object.entries(outputs).map(([name, otherwise]) => [name, units.map((now) => valueIn(now, name, otherwise))]),
  );
}
