import type { TaskReport } from "@slipway/client";
import { oneLine, paintState, type Style } from "./style.ts";

type Items = NonNullable<TaskReport["items"]>;

/** So many items are shown whole; of more, those that need a look. */
const ALL = 20;
const FEW = 10;
const WORTH: readonly TaskReport["state"][] = ["failed", "retrying", "running"];

/** Rows of a table of tasks: the items of one task, a long list cut to what needs a look. */
export function itemRows(style: Style, task: string, { items = [], counts = {} }: TaskReport): string[][] {
  const shown = items.length <= ALL ? items : worth(items).slice(0, FEW);
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const rest = all - shown.length;
  const rows = shown.map(({ key, state, attempts, kind, message, reason }) => [
    `  ${titleOf(task, key)}`,
    paintState(style, state),
    String(attempts ?? (state === "waiting" || state === "skipped" || state === "upstream_failed" ? 0 : 1)),
    [kind === undefined ? "" : style.dim(`[${kind}]`), oneLine(message ?? reason ?? "")]
      .filter((part) => part !== "")
      .join(" "),
  ]);
  return rest > 0 && items.length > 0 ? [...rows, [`  … ${rest} more`, "", "", ""]] : rows;
}

function worth(items: Items): Items {
  return WORTH.flatMap((wanted) => items.filter(({ state }) => state === wanted));
}

/** `load[2026-11-20]` */
export function titleOf(task: string, key: string | number | undefined): string {
  return key === undefined ? task : `${task}[${oneLine(String(key))}]`;
}

/** What the items of a report are called. */
export function keysOf(tasks: Readonly<Record<string, TaskReport>>): (task: string, index?: number) => string {
  const keys = new Map<string, Map<number, string>>();
  for (const [task, { items = [] }] of Object.entries(tasks))
    keys.set(task, new Map(items.map(({ index, key }) => [index, key])));
  return (task, index) => titleOf(task, index === undefined ? undefined : (keys.get(task)?.get(index) ?? index));
}
