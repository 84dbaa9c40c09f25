import type { Graph, GraphNode } from "./graph.ts";
import type { TaskName } from "./ids.ts";
import { briefOutcome, itemState } from "./items.ts";
import type { RunState, TaskState } from "./task-state.ts";

/** What the end of the whole run (a cancel, its timeout) broke off or kept from beginning. */
export interface BrokenOff {
  /** Also those of which it did so with items. */
  readonly tasks: readonly TaskName[];
  /** Begun, and failed for nothing else. */
  readonly groups: readonly TaskName[];
}

export function brokenOff(graph: Graph, state: RunState): BrokenOff {
  const halt = state.sections[""]?.halt;
  const why = halt === undefined || halt.kind === "fail_fast" ? state.cancelled?.reason : halt.message;
  const broken = why === undefined ? [] : [...graph.values()].filter((node) => isBroken(state, node, why));
  const isBegun = ({ name, kind }: GraphNode) => kind === "group" && state.tasks[name]?.kind === "failed";
  return {
    tasks: broken.filter((node) => !isBegun(node)).map(({ name }) => name),
    groups: broken.filter(isBegun).map(({ name }) => name),
  };
}

function isBroken(state: RunState, { name }: GraphNode, why: string): boolean {
  const now = state.tasks[name];
  if (now === undefined || byEnd(now, why)) return now !== undefined;
  const isSaid =
    (now.kind === "succeeded" && now.reason !== undefined) || (now.kind === "skipped" && now.byHand === true);
  const items = isSaid ? undefined : state.items?.[name];
  return [...(items?.states.keys() ?? [])].some((index) => {
    const item = items && itemState(items, index);
    return item !== undefined && byEnd(item, why);
  });
}

function byEnd(now: TaskState, why: string): boolean {
  if (now.kind === "skipped") return now.byHand !== true && now.attempts === undefined && now.reason === why;
  const short = briefOutcome({ kind: "cancelled", message: why });
  return now.kind === "failed" && [why, short.message].includes(now.outcome.message);
}
