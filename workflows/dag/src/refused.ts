import { problem, type Problem } from "./errors.ts";
import type { Graph, GraphNode } from "./graph.ts";
import type { TaskName } from "./ids.ts";
import { hasTried } from "./passes.ts";
import type { RunState, TaskState } from "./task-state.ts";

export function atWork(now: TaskState | undefined): boolean {
  return (
    now?.kind === "running" ||
    now?.kind === "delayed" ||
    now?.kind === "open" ||
    now?.kind === "spread" ||
    now?.kind === "giving" ||
    now?.kind === "asking" ||
    now?.kind === "held"
  );
}

/** A state can be given only in a group that has begun, and before the `finally` of its section: what that took away is not there for what follows. */
export function placeRefusal(graph: Graph, state: RunState, { name, group, final }: GraphNode): Problem | undefined {
  const section = final === true ? undefined : graph.sections.get(group ?? "");
  const last = section?.finally.find((one) => state.tasks[one.name]?.kind !== "waiting");
  if (last !== undefined)
    return wrong(`${last.name} has begun, the \`finally\` behind ${name}`, "`slipway clear RUN TASK` runs both again");
  const around = group === undefined ? undefined : graph.get(group);
  if (around === undefined) return undefined;
  const begun = ["open", "giving", "succeeded", "failed"].includes(state.tasks[around.name]?.kind ?? "waiting");
  if (!begun)
    return wrong(`the group ${around.name} has not begun`, `\`slipway skip RUN ${around.name}\` skips it whole`);
  return placeRefusal(graph, state, around);
}

/** Of the tasks that would run again, one that is at it now, or between two attempts: run anew, it would count from the first. */
export function underWay(state: RunState, names: readonly TaskName[]): Problem | undefined {
  const name = names.find((task) => {
    const now = state.tasks[task];
    return atWork(now) || (now?.kind === "ready" && hasTried(state, { task }, now));
  });
  return name === undefined ? undefined : busy(name);
}

export function busy(name: TaskName): Problem {
  return wrong(
    `${name} is under way and would have to run again`,
    "wait until it is done, or `slipway cancel RUN TASK` first",
  );
}

export function wrong(what: string, fix: string): Problem {
  return problem("task-state", what, { fix });
}
