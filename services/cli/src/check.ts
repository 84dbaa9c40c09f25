import { problem, SlipwayError } from "@slipway/dag";
import { firstLine } from "./failure.ts";
import type { Style } from "./style.ts";

/** One thing that has to be right for runs to work; `warn` = they work, with something less. */
export interface Check {
  readonly what: string;
  readonly verdict: "ok" | "warn" | "fail";
  /** What was found. */
  readonly found: string;
  /** What to do where it is not ok. */
  readonly fix?: string;
}

export function renderCheck(style: Style, { what, verdict, found, fix }: Check): string {
  const paint = { ok: style.green, warn: style.yellow, fail: style.red }[verdict];
  const remedy = verdict === "ok" || fix === undefined ? "" : `      fix: ${fix}\n`;
  return `${paint(verdict.padEnd(4))}  ${what.padEnd(26)}  ${found}\n${remedy}`;
}

export function ok(what: string, found: string): Check {
  return { what, verdict: "ok", found };
}

/** A check that went wrong by an error: what it says, and its own remedy where it has one. */
export function failed(what: string, error: unknown, fix?: string): Check {
  const own = error instanceof SlipwayError ? error.problems[0]?.fix : undefined;
  return { what, verdict: "fail", found: firstLine(error), fix: fix ?? own ?? problem("unexpected", "").fix };
}
