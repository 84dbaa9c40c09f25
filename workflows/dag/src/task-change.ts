import type { RunReport, TaskReport } from "./report.ts";
import type { Effects } from "./task-state.ts";
import { unitKey } from "./units.ts";

/** One task, or item, that a control changes: its state before, and the one it has or will have. */
export interface TaskChange {
  readonly task: string;
  readonly index?: number;
  readonly from: TaskReport["state"];
  readonly to: TaskReport["state"];
  /** Where params were set: what of the task is another now; some of it, in a long list. */
  readonly fields?: readonly FieldChange[];
}

/** `container.args.0`: before and after, in short. */
export interface FieldChange {
  readonly field: string;
  readonly from: string;
  readonly to: string;
}

/** What a control would change, or has changed: every task and item whose state differs, or whose attempt is being stopped. */
export function changesOf(before: RunReport, after: RunReport, { stops }: Pick<Effects, "stops">): TaskChange[] {
  const stopped = new Set(stops.map(unitKey));
  return Object.entries(after.tasks).flatMap(([task, now]) => {
    const was = before.tasks[task];
    const items = new Map((was?.items ?? []).map(({ index, state }) => [index, state]));
    const changes = (now.items ?? []).flatMap(({ index, state: to }) =>
      changeOf({ task, index }, items.get(index), to, stopped),
    );
    return [...changeOf({ task }, was?.state, now.state, stopped), ...changes];
  });
}

function changeOf(
  unit: Pick<TaskChange, "task" | "index">,
  from: TaskChange["from"] = "waiting",
  to: TaskChange["to"],
  stopped: ReadonlySet<string>,
): TaskChange[] {
  const { task, index } = unit;
  if (stopped.has(index === undefined ? task : `${task}[${index}]`)) return [{ ...unit, from, to: "failed" }];
  return from === to ? [] : [{ ...unit, from, to }];
}
