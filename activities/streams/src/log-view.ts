import type { LogItem } from "./log-item.ts";

/** Which part of the chosen logs is read; what is said holds together. Line numbers stay what they are. */
export interface LogView {
  /** Of each container, from this line on. */
  readonly fromLine?: number;
  /** Nothing that is older. */
  readonly since?: Date;
  /** Of what is stored, the last so many lines, whichever container printed them. 0: only what comes. */
  readonly tail?: number;
  /** Only lines that match; what is missing between them is still told. */
  readonly matches?: (text: string) => boolean;
}

/** The item as the view shows it, `tail` apart; undefined where it does not. Pure: what is read too much changes nothing. */
export function shownItem(item: LogItem, view: LogView): LogItem | undefined {
  if (isBefore(item.time, view.since)) return undefined;
  if (item.kind === "line" && view.matches?.(item.text) === false) return undefined;
  const { fromLine = 1 } = view;
  if (lastLineOf(item) < fromLine) return undefined;
  return item.kind === "expired" && item.from < fromLine ? { ...item, from: fromLine } : item;
}

/** A notice belongs to the line that comes behind it. */
function lastLineOf(item: LogItem): number {
  switch (item.kind) {
    case "start":
      return 1;
    case "line":
    case "gap":
      return item.line;
    case "expired":
      return item.to;
    case "end":
      return item.lines + 1;
  }
}

/** What has no time that can be read is never too old. */
function isBefore(time: string, since: Date | undefined): boolean {
  return since !== undefined && Date.parse(time) < since.getTime();
}
