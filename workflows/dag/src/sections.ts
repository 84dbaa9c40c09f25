import type { Graph, GraphNode } from "./graph.ts";
import type { TaskName } from "./ids.ts";
import type { RunState, SectionState } from "./task-state.ts";

export function newSections(graph: Graph): Record<string, SectionState> {
  return Object.fromEntries(
    [...graph.sections].map(([group, { tasks, finally: last }]) => [
      group,
      { tasks: tasks.length, last: last.length, running: 0 },
    ]),
  );
}

/** The group a task stands in, the group that one stands in, and so on. */
export function groupsAround(graph: Graph, task: TaskName): readonly TaskName[] {
  const around: TaskName[] = [];
  for (let group = graph.get(task)?.group; group !== undefined; group = graph.get(group)?.group) around.push(group);
  return around;
}

/** Whether its section lets a task begin: its group has begun, and for what stands under `finally` all `tasks` are done. */
export function mayBegin(state: RunState, { group, final }: GraphNode): boolean {
  if (group !== undefined && state.tasks[group]?.kind !== "open") return false;
  return final !== true || state.sections[group ?? ""]?.tasks === 0;
}

/** Counts a task that has settled; gives what that lets begin or end: the section's `finally`, or its group. */
export function count(graph: Graph, state: RunState, { group, final }: GraphNode): readonly GraphNode[] {
  const own = state.sections[group ?? ""];
  if (own === undefined) return [];
  if (final === true) own.last -= 1;
  else own.tasks -= 1;
  if (own.tasks > 0) return [];
  const ended = own.last === 0 && group !== undefined ? graph.get(group) : undefined;
  return [...(final === true ? [] : (graph.sections.get(group ?? "")?.finally ?? [])), ...(ended ? [ended] : [])];
}

export function enter(state: RunState, around: readonly TaskName[]): void {
  add(state, around, 1);
}

export function leave(state: RunState, around: readonly TaskName[]): void {
  add(state, around, -1);
}

function add(state: RunState, around: readonly TaskName[], one: number): void {
  state.running += one;
  for (const group of around) {
    const own = state.sections[group];
    if (own !== undefined) own.running += one;
  }
}

/** The outermost section that breaks off at the failure of this task; what stands under `finally` breaks off nothing around it. */
export function failFastAround(graph: Graph, node: GraphNode): string | undefined {
  let found: string | undefined;
  for (let at: GraphNode | undefined = node; at !== undefined && at.final !== true; ) {
    const group: string = at.group ?? "";
    if (graph.sections.get(group)?.failFast === true) found = group;
    at = at.group === undefined ? undefined : graph.get(at.group);
  }
  return found;
}
