import { afterAnswer, afterGiven, asks, begun } from "./begun.ts";
import { firstWithin } from "./failures.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { haltOutcome, haltSection } from "./halt.ts";
import type { TaskName } from "./ids.ts";
import { waitingItems } from "./items.ts";
import { passOf } from "./passes.ts";
import { queueUp } from "./pool/ready.ts";
import { skipReason, tallyVerdict } from "./rules.ts";
import { count, failFastAround, groupsAround, mayBegin } from "./sections.ts";
import { spreadEnd } from "./spread.ts";
import { settleAs, tallyOf } from "./tallies.ts";
import { type Change, type Effects, type Halt, type RunState, settledState, type TaskState } from "./task-state.ts";
import { putUnit, type Unit, unitKey, unitOf, unitState } from "./units.ts";
import { sectionVerdict } from "./verdict.ts";

/** Gives what is to be looked at next. */
export function breakOff(graph: Graph, state: RunState, effects: Effects, group: string, why: Halt): GraphNode[] {
  const section = graph.sections.get(group);
  const broken = section === undefined ? [] : haltSection(graph, state, section, why);
  return broken.flatMap((one) => {
    if (one.kind === "settled") return record(graph, state, effects, one.unit, one.state);
    effects.stops.push(one.unit);
    return [];
  });
}

/** Records a settled state, then looks at what it allows or forbids. */
export function settle(graph: Graph, state: RunState, effects: Effects, unit: Unit, settled: TaskState): void {
  consider(graph, state, effects, record(graph, state, effects, unit, settled));
}

/** A work list, not recursion: a chain may be 10,000 tasks long. */
export function consider(graph: Graph, state: RunState, effects: Effects, nodes: GraphNode[]): void {
  for (const node of nodes) {
    const next = nextOf(graph, state, node);
    if (next !== undefined) nodes.push(...advance(graph, state, effects, node, next));
  }
}

/** Gives what is to be looked at next. */
function advance(
  graph: Graph,
  state: RunState,
  effects: Effects,
  node: GraphNode,
  next: TaskState,
): readonly GraphNode[] {
  const unit = { task: node.name };
  if (settledState(next) !== undefined) return record(graph, state, effects, unit, next);
  putUnit(state, unit, next);
  if (next.kind === "ready" || next.kind === "spread") queueUp(graph, state, unit);
  if (next.kind === "asking") effects.asks.push(node.name);
  if (next.kind === "giving") effects.gives.push(unit);
  if (next.kind === "held") effects.holds.push(node.name);
  if (next.kind === "spread") return node.kind === "noop" ? doNothing(graph, state, effects, node) : [node];
  const inside = next.kind === "open" ? (graph.sections.get(node.name)?.tasks ?? []) : [];
  return inside.flatMap(({ name }) => graph.get(name) ?? []);
}

/** Items of a noop have come to their end at once. */
function doNothing(graph: Graph, state: RunState, effects: Effects, node: GraphNode): GraphNode[] {
  const { name: task } = node;
  for (const index of waitingItems(state.items?.[task])) come(graph, state, effects, { task, index });
  return [node];
}

/** An item of a noop: what it hands on is evaluated, or it has succeeded. */
export function come(graph: Graph, state: RunState, effects: Effects, unit: Unit): void {
  if (graph.get(unit.task)?.gives !== true) {
    record(graph, state, effects, unit, { kind: "succeeded", attempts: 0 });
    return;
  }
  putUnit(state, unit, { kind: "giving" });
  effects.gives.push(unit);
}

/** A unit has what it hands on. An answer to an earlier pass, or to one that a halt has settled, changes nothing. */
export function given(
  graph: Graph,
  state: RunState,
  effects: Effects,
  { pass = 1, given: what, ...change }: Extract<Change, { kind: "given" }>,
): void {
  const unit = unitOf(change);
  if (unitState(state, unit)?.kind === "giving" && passOf(state, unit) === pass)
    settle(graph, state, effects, unit, afterGiven(state, what));
}

/** Each pass of a task is asked once: the answer to an earlier one, or to one that a halt has settled, changes nothing. */
export function answered(
  graph: Graph,
  state: RunState,
  effects: Effects,
  { task, pass = 1, answer }: Extract<Change, { kind: "answered" }>,
): void {
  const node = graph.get(task);
  if (node === undefined || state.tasks[task]?.kind !== "asking" || passOf(state, { task }) !== pass) return;
  consider(graph, state, effects, [...advance(graph, state, effects, node, afterAnswer(state, node, answer))]);
}

function nextOf(graph: Graph, state: RunState, node: GraphNode): TaskState | undefined {
  const now = state.tasks[node.name];
  if (now?.kind === "open") return groupEnd(graph, state, node.name);
  if (now?.kind === "spread") return spreadEnd(state, node.name);
  return now?.kind === "waiting" && mayBegin(state, node) ? decide(graph, state, node) : undefined;
}

/** What its upstreams make of a task that waits; undefined while it goes on waiting. */
export function decide(graph: Graph, state: RunState, node: GraphNode): TaskState | undefined {
  switch (tallyVerdict(node.gate, tallyOf(graph, state, node))) {
    case "wait":
      return undefined;
    case "run":
      return asks(state, node) ? { kind: "asking" } : begun(state, node);
    case "skip":
      return { kind: "skipped", reason: skipReason(node.gate) };
    case "upstream_failed":
      return { kind: "upstream_failed" };
  }
}

/** A group ends as a run would, once nothing of it is left to do. */
function groupEnd(graph: Graph, state: RunState, group: TaskName): TaskState | undefined {
  const section = graph.sections.get(group);
  const { tasks = 0, last = 0, halt: why } = state.sections[group] ?? {};
  if (section === undefined || tasks + last > 0) return undefined;
  if (sectionVerdict(graph, state, section) === "succeeded")
    return graph.get(group)?.gives ? { kind: "giving" } : { kind: "succeeded", attempts: 0 };
  const cause = firstWithin(graph, state, group);
  const broken: Halt = why ?? { kind: "cancel", message: `${group} did not succeed` };
  if (cause === undefined) return { kind: "failed", attempts: 0, outcome: haltOutcome(broken) };
  const message = `${cause.task} failed: ${cause.outcome.message}`;
  return { kind: "failed", attempts: 0, outcome: { ...cause.outcome, message } };
}

/** What never began of a group ends as the group does. */
function withGroup(group: TaskName, settled: TaskState): TaskState {
  if (settled.kind !== "skipped") return { kind: "upstream_failed" };
  return { kind: "skipped", reason: `the group ${group} was skipped` };
}

/** Gives what is to be looked at next. */
function record(graph: Graph, state: RunState, effects: Effects, unit: Unit, settled: TaskState): GraphNode[] {
  const node = graph.get(unit.task);
  if (node === undefined) return [];
  effects.settled.push(unit);
  if (unit.index === undefined) return recordTask(graph, state, effects, node, settled);
  putUnit(state, unit, settled);
  return settled.kind === "failed" ? [node, ...failFast(graph, state, effects, unit)] : [node];
}

function recordTask(graph: Graph, state: RunState, effects: Effects, node: GraphNode, settled: TaskState): GraphNode[] {
  const before = state.tasks[node.name]?.kind;
  settleAs(graph, state, node, settled);
  state.unsettled -= 1;
  const next = [...downstream(graph, node), ...count(graph, state, node)];
  const section = graph.sections.get(node.name);
  if (section !== undefined && before !== "open" && before !== "giving")
    for (const { name } of [...section.tasks, ...section.finally])
      next.push(...record(graph, state, effects, { task: name }, withGroup(section.group ?? node.name, settled)));
  if (settled.kind !== "failed" || before === "open") return next;
  const broken = groupsAround(graph, node.name).map((group) => state.sections[group]?.halt?.kind);
  const isEffect =
    settled.outcome.kind === "cancelled" && [state.sections[""]?.halt?.kind, ...broken].includes("fail_fast");
  if (!isEffect) state.failures.push(node.name);
  return before === "spread" ? next : [...next, ...failFast(graph, state, effects, { task: node.name })];
}

/** What a failure breaks off. Of a task with items the first that fails for good does so, and does not wait for the others. */
function failFast(graph: Graph, state: RunState, effects: Effects, unit: Unit): GraphNode[] {
  const node = graph.get(unit.task);
  const group = node === undefined ? undefined : failFastAround(graph, node);
  if (group === undefined) return [];
  const why: Halt = { kind: "fail_fast", message: `failFast: ${unitKey(unit)} failed` };
  return breakOff(graph, state, effects, group, why);
}

function downstream(graph: Graph, node: GraphNode): GraphNode[] {
  return node.before.flatMap((name) => graph.get(name) ?? []);
}
