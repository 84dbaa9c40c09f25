import type { CompiledDag, CompiledTask } from "./compiled.ts";
import type { Asked, SetParams } from "./control.ts";
import { remember } from "./controls.ts";
import { problem, type Problem } from "./errors.ts";
import { type Graph, graphOf } from "./graph.ts";
import type { TaskName } from "./ids.ts";
import { canonicalJson, utf8Length } from "./json.ts";
import { hasTried } from "./passes.ts";
import { askAnew, type PoolAsk } from "./pool/admission.ts";
import { groupsAround } from "./sections.ts";
import type { FieldChange, TaskChange } from "./task-change.ts";
import { type RunState, settledState } from "./task-state.ts";
import { unitReport } from "./unit-report.ts";

/**
 * What the tasks of a run are made of: the DAG as its params make it now, and of those that were set before, what tasks keep
 * that had begun by then. A task keeps it until it settles: run again after that, it is made of what is set now.
 */
export interface Plan {
  readonly compiled: CompiledDag;
  /** Each holds the tasks that keep it, and the groups around them. */
  readonly earlier: readonly CompiledDag[];
  readonly graph: Graph;
  /** Each task, and the DAG that it is of. */
  readonly tasks: ReadonlyMap<TaskName, Made>;
}

interface Made {
  readonly dag: CompiledDag;
  readonly task: CompiledTask;
}

/** A task that other params change. */
export interface Differing {
  readonly task: TaskName;
  readonly fields?: readonly FieldChange[];
}

/** Bytes of JSON of what tasks keep: it rides from hop to hop beside the DAG itself. */
const EARLIER_BYTES = 262_144;

export function planOf(compiled: CompiledDag, earlier: readonly CompiledDag[] = []): Plan {
  const madeOf = (dag: CompiledDag) => (task: CompiledTask) => [task.name, { dag, task }] as const;
  const kept = new Map(earlier.flatMap((dag) => keptIn(dag).map(madeOf(dag))));
  const graph = graphOf(compiled, (task) => kept.get(task)?.dag);
  return { compiled, earlier, graph, tasks: new Map([...compiled.tasks.map(madeOf(compiled)), ...kept]) };
}

function keptIn({ tasks }: CompiledDag): readonly CompiledTask[] {
  return tasks.filter(({ kind }) => kind !== "group" && kind !== "noop");
}

/** It has an attempt, an item, or something that it waits for. A group is no more than what stands in it. */
function hasBegun(state: RunState, task: TaskName): boolean {
  const now = state.tasks[task];
  if (now?.kind === "ready") return hasTried(state, { task }, now);
  return now?.kind === "running" || now?.kind === "delayed" || now?.kind === "spread" || now?.kind === "held";
}

/** Without what was kept by tasks that have settled since; the same plan where there is nothing of that. */
export function withoutSettled(plan: Plan, state: RunState): Plan {
  const isOver = plan.earlier.some((dag) => keptIn(dag).some(({ name }) => !hasBegun(state, name)));
  return isOver ? planOf(plan.compiled, stillKept(plan, state)) : plan;
}

function stillKept({ earlier, graph }: Plan, state: RunState): readonly CompiledDag[] {
  return earlier.flatMap((dag) => {
    const names = keptIn(dag).flatMap(({ name }) => (hasBegun(state, name) ? [name] : []));
    return names.length === 0 ? [] : [only(dag, graph, names)];
  });
}

/** Of a DAG these tasks, and the groups around them. */
function only(dag: CompiledDag, graph: Graph, names: readonly TaskName[]): CompiledDag {
  const kept = new Set(names.flatMap((name) => [name, ...groupsAround(graph, name)]));
  const { outputs: _outputs, ...rest } = dag;
  return { ...rest, tasks: dag.tasks.filter(({ name }) => kept.has(name)) };
}

/** The DAG that a task is of; the run itself is of the one that is set now. */
export function dagOf({ tasks, compiled }: Plan, task: TaskName | undefined): CompiledDag {
  return (task && tasks.get(task)?.dag) ?? compiled;
}

export type Replanned =
  | { readonly kind: "ok"; readonly plan: Plan; readonly changes: readonly TaskChange[] }
  | { readonly kind: "refused"; readonly problem: Problem };

/** What other params make of a run; it changes nothing. `differing`: the tasks that they change, whatever has begun. */
export function replanned(
  plan: Plan,
  state: RunState,
  compiled: CompiledDag,
  differing: readonly Differing[],
): Replanned {
  const { graph } = plan;
  const before = stillKept(plan, state);
  const known = new Set(before.flatMap((dag) => keptIn(dag).map(({ name }) => name)));
  const keeps = differing.flatMap(({ task }) => (hasBegun(state, task) && !known.has(task) ? [task] : []));
  const earlier = keeps.length === 0 ? before : [...before, only(plan.compiled, graph, keeps)];
  if (utf8Length(JSON.stringify(earlier)) > EARLIER_BYTES) {
    const what = `tasks that have begun keep their params, and what they keep is larger than ${EARLIER_BYTES / 1024} KB`;
    return { kind: "refused", problem: problem("too-large", what, { fix: "set them once these tasks are done" }) };
  }
  const open = differing.filter(({ task }) => !hasBegun(state, task) && isOpen(state, task));
  const changes = open.map(({ task, fields }): TaskChange => {
    const { state: now } = unitReport(graph, state, { task });
    return { task, from: now, to: now, ...(fields && { fields }) };
  });
  return { kind: "ok", plan: planOf(compiled, earlier), changes };
}

function isOpen(state: RunState, task: TaskName): boolean {
  const now = state.tasks[task];
  return now !== undefined && settledState(now) === undefined;
}

export interface ParamsSet {
  /** Of what waited in a pool that its task does not name any more: it asks anew. */
  readonly asks: readonly PoolAsk[];
  /** As the run remembers it; absent where they were so already. */
  readonly asked?: Asked;
}

/** The params are set: `plan` is what the run is made of from here on. */
export function setParams(before: Plan, plan: Plan, state: RunState, what: SetParams): ParamsSet {
  const isNew = canonicalJson(before.compiled.params) !== canonicalJson(plan.compiled.params);
  if (isNew) state.params = { ...state.params, ...what.params };
  const asks = Object.values(state.admissions ?? {}).flatMap((unit) =>
    turnOf(before.graph, unit.task) === turnOf(plan.graph, unit.task) ? [] : askAnew(before.graph, state, unit),
  );
  return { asks, ...(isNew && { asked: remember(state, what) }) };
}

function turnOf(graph: Graph, task: TaskName): string {
  const node = graph.get(task);
  return JSON.stringify([node?.needs, node?.priority]);
}
