import type { LogItem } from "@slipway/client";
import { RE2JS } from "re2js";

/** Which items of a log are shown. Line numbers stay what they are. */
export type LogFilter = (item: LogItem) => boolean;

export interface LogFilterOptions {
  /** Milliseconds since 1970: nothing that is older. */
  readonly since?: number;
  /** Only lines that match; whatever is missing in between is still told. */
  readonly matches?: (text: string) => boolean;
}

export function logFilter({ since, matches }: LogFilterOptions): LogFilter {
  return (item) => {
    if (item.kind === "line") return !isBefore(item.time, since) && (matches?.(item.text) ?? true);
    return item.kind !== "gap" || !isBefore(item.to, since);
  };
}

/** What has no time that can be read is never too old. */
function isBefore(time: string | undefined, since: number | undefined): boolean {
  return time !== undefined && since !== undefined && Date.parse(time) < since;
}

/**
 * `--grep TEXT`, or `--grep /REGEX/` in RE2's syntax, whose matching takes time linear in the line: what a container
 * prints cannot stall the reader. Undefined where the expression is not understood.
 */
export function matcherOf(pattern: string): ((text: string) => boolean) | undefined {
  const [, source] = /^\/(.+)\/$/s.exec(pattern) ?? [];
  if (source === undefined) return (text) => text.includes(pattern);
  try {
    const expression = RE2JS.compile(source);
    return (text) => expression.matcher(text).find();
  } catch {
    return undefined;
  }
}
