import type { Control } from "./control.ts";
import type { Graph, GraphNode } from "./graph.ts";
import type { TaskName } from "./ids.ts";
import { hasTried, nextPass } from "./passes.ts";
import { letGo } from "./run-outputs.ts";
import { consider, decide } from "./settle.ts";
import { EVERY_ITEM, FAILED_ITEMS, type ItemChoice, removeReady, takeBackItems } from "./reset-items.ts";
import { groupsAround } from "./sections.ts";
import { unsettle } from "./tallies.ts";
import { type Effects, type RunState, settledState, type TaskState } from "./task-state.ts";

type Steps = (node: GraphNode) => readonly TaskName[];

/** The tasks that a retry or a clear runs again. Exactly those change, and the groups around them. */
export function toReset(
  graph: Graph,
  state: RunState,
  what: Extract<Control, { kind: "retry" | "clear" }>,
): TaskName[] {
  if (what.kind === "retry") {
    const first = failed(graph, state, what.task);
    return again(graph, state, reach(graph, first, below(graph, state)), reach(graph, first, under(graph)));
  }
  const { task, upstream, downstream } = what;
  const above = upstream ? reach(graph, [task], ({ after }) => after) : new Set([task]);
  const own = withMembers(graph, above);
  if (!downstream) return again(graph, state, own);
  const all = new Set([...own, ...reach(graph, [task], below(graph, state))]);
  return again(graph, state, all, new Set([...own, ...reach(graph, [task], under(graph))]));
}

/**
 * Of a task that is tried again its failed items, or the one that is named; all of them where something runs again that it waits
 * for, or that was made in the meantime.
 */
export function itemsToReset(
  graph: Graph,
  what: Extract<Control, { kind: "retry" | "clear" }>,
  names: readonly TaskName[],
): (task: TaskName) => ItemChoice {
  const follows = followers(graph, names);
  const { index: named } = what;
  return (task) => {
    if (named !== undefined && task === what.task) return (index) => index === named;
    return what.kind === "retry" && !follows(task) ? FAILED_ITEMS : EVERY_ITEM;
  };
}

/** Which tasks wait for one of these, or stand in a group that does; a `finally` waits for all tasks of its section. */
export function followers(graph: Graph, names: readonly TaskName[]): (task: TaskName) => boolean {
  const again = new Set(names.flatMap((name) => [name, ...groupsAround(graph, name)]));
  const awaited = ({ after, final, group }: GraphNode): readonly TaskName[] =>
    final === true ? [...after, ...tasksOf(graph, group)] : after;
  return (task) =>
    [task, ...groupsAround(graph, task)].some((each) => {
      const node = graph.get(each);
      return node !== undefined && awaited(node).some((upstream) => again.has(upstream));
    });
}

function tasksOf(graph: Graph, group: TaskName | undefined): TaskName[] {
  return (graph.sections.get(group ?? "")?.tasks ?? []).map(({ name }) => name);
}

/** What depends on a task, and what stands in a group. */
function under(graph: Graph): Steps {
  return ({ name, before }) => [...before, ...membersOf(graph, name)];
}

/** Tasks that failed, of a group those in it; and where a section was broken off by a failure, what was skipped with it. */
function failed(graph: Graph, state: RunState, task: TaskName | undefined): TaskName[] {
  return [...graph.values()].flatMap(({ name, kind, group }) => {
    if (task !== undefined && name !== task && !groupsAround(graph, name).includes(task)) return [];
    const now = state.tasks[name];
    const halt = state.sections[group ?? ""]?.halt;
    const brokenOff = halt?.kind === "fail_fast" && now?.kind === "skipped" && now.reason === halt.message;
    const isCause = kind !== "group" || membersOf(graph, name).every((one) => state.tasks[one]?.kind !== "failed");
    return (now?.kind === "failed" && isCause) || brokenOff ? [name] : [];
  });
}

/**
 * What runs again with a task: what depends on it, what stands in it; of each section around it what depends on the section, and
 * its `finally`, with the tasks that this names where it has run (they made what it took away: dag-format.md §3.3).
 */
function below(graph: Graph, state: RunState): Steps {
  return (node) => {
    const around = groupsAround(graph, node.name);
    const last =
      node.final === true ? node.after.filter(() => hasRun(state.tasks[node.name])) : finallyOf(graph, node.group);
    const outer = around.flatMap((group) => [
      ...(graph.get(group)?.before ?? []),
      ...(graph.get(group)?.final === true ? [] : finallyOf(graph, graph.get(group)?.group)),
    ]);
    return [...node.before, ...membersOf(graph, node.name), ...last, ...outer];
  };
}

function hasRun(now: TaskState | undefined): boolean {
  return now?.kind === "succeeded" || now?.kind === "failed";
}

function finallyOf(graph: Graph, group: TaskName | undefined): TaskName[] {
  return (graph.sections.get(group ?? "")?.finally ?? []).map(({ name }) => name);
}

function membersOf(graph: Graph, group: TaskName): TaskName[] {
  const section = graph.sections.get(group);
  return section === undefined ? [] : [...section.tasks, ...section.finally].map(({ name }) => name);
}

function withMembers(graph: Graph, names: Iterable<TaskName>): Set<TaskName> {
  return reach(graph, [...names], ({ name }) => membersOf(graph, name));
}

/** What was decided from this task's state alone, or from that of a group around it, without an attempt of its own. */
export function decidedFrom(graph: Graph, state: RunState, node: GraphNode): Set<TaskName> {
  const decided = (name: TaskName): boolean => isDecision(state, name, state.tasks[name]);
  const next: Steps = ({ name, before }) => [...before, ...membersOf(graph, name)].filter(decided);
  const outer = groupsAround(graph, node.name).flatMap((group) => graph.get(group)?.before ?? []);
  return reach(graph, [...node.before, ...outer].filter(decided), next);
}

function isDecision(state: RunState, name: TaskName, now: TaskState | undefined): boolean {
  if (now?.kind === "skipped") return now.byHand !== true && now.attempts === undefined;
  return now?.kind === "upstream_failed" || (now?.kind === "ready" && !hasTried(state, { task: name }, now));
}

/**
 * Of these tasks those that would not at once become what they are, and what runs again with them. So a second clear finds
 * nothing to do, and a task whose upstream stays failed is left alone. `own`: those that may be the first; the others only follow.
 */
export function again(
  graph: Graph,
  state: RunState,
  names: ReadonlySet<TaskName>,
  own: ReadonlySet<TaskName> = names,
): TaskName[] {
  const first = [...own].filter((name) => wouldDiffer(graph, state, name));
  const steps = below(graph, state);
  const all = reach(graph, first, (node) => steps(node).filter((name) => names.has(name)));
  return [...all].filter((name) => state.tasks[name]?.kind !== "waiting");
}

function wouldDiffer(graph: Graph, state: RunState, name: TaskName): boolean {
  const node = graph.get(name);
  const now = state.tasks[name];
  if (node === undefined || now === undefined || (settledState(now) === undefined && now.kind !== "ready"))
    return false;
  if (!groupsAround(graph, name).every((group) => hasBegun(state.tasks[group]))) return false;
  const decided = decide(graph, state, node)?.kind;
  const next = decided === "spread" && node.kind === "noop" ? "succeeded" : decided;
  if (now.kind === "ready") return next !== "ready" && next !== "asking";
  return (now.kind === "skipped" && now.byHand === true) || next !== now.kind;
}

function hasBegun(group: TaskState | undefined): boolean {
  return group?.kind === "open" || group?.kind === "giving" || hasRun(group);
}

/** Everything that can be reached by these steps, and the beginnings. */
function reach(graph: Graph, from: readonly TaskName[], steps: Steps): Set<TaskName> {
  const found = new Set(from);
  for (const name of found) {
    const node = graph.get(name);
    if (node !== undefined) for (const next of steps(node)) found.add(next);
  }
  return found;
}

/** Takes back what these tasks are, with their items, then decides them anew. */
export function reset(
  graph: Graph,
  state: RunState,
  effects: Effects,
  names: readonly TaskName[],
  itemsOf: (task: TaskName) => ItemChoice = () => EVERY_ITEM,
): void {
  const all = new Set(names);
  for (const name of names) {
    if (takeBack(graph, state, name)) effects.cleared.push({ task: name });
    takeBackItems(state, effects, name, itemsOf(name));
    state.tasks[name] = { kind: "waiting" };
  }
  for (const name of names) reopen(graph, state, name, all);
  consider(
    graph,
    state,
    effects,
    names.flatMap((name) => graph.get(name) ?? []),
  );
}

/** The groups around a task that is open again are so too, but for those that wait themselves; nothing breaks them off any more. */
export function reopen(
  graph: Graph,
  state: RunState,
  name: TaskName,
  waiting: ReadonlySet<TaskName> = new Set(),
): void {
  const groups = groupsAround(graph, name);
  for (const group of ["", ...groups]) {
    const own = state.sections[group];
    if (own?.halt?.kind === "fail_fast") delete own.halt;
  }
  for (const group of groups) {
    if (waiting.has(group)) continue;
    if (state.tasks[group]?.kind === "giving") nextPass(state, { task: group });
    else if (!takeBack(graph, state, group)) continue;
    state.tasks[group] = { kind: "open" };
  }
}

/** The task counts as neither ready nor settled. True where it was settled: then its next pass begins. */
export function takeBack(graph: Graph, state: RunState, name: TaskName): boolean {
  const now = state.tasks[name];
  const node = graph.get(name);
  if (now?.kind === "ready") removeReady(state.ready, { task: name });
  if (node === undefined || settledState(now) === undefined) return false;
  if (now?.kind === "succeeded" || now?.kind === "failed") letGo(state, now.outputs);
  nextPass(state, { task: name });
  unsettle(graph, state, node);
  remove(state.failures, name);
  state.unsettled += 1;
  const section = state.sections[node.group ?? ""];
  if (section === undefined) return true;
  if (node.final === true) section.last += 1;
  else section.tasks += 1;
  return true;
}

function remove(names: TaskName[], name: TaskName): void {
  const at = names.indexOf(name);
  if (at >= 0) names.splice(at, 1);
}
