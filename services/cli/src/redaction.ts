import type { Redact } from "@slipway/dag";
import { RE2JS } from "re2js";
import { usageError } from "./failure.ts";

export const REDACTED = "[redacted]";
const MOST_PATTERNS = 100;

/**
 * `SLIPWAY_REDACT`: a regular expression of RE2 on each line. What matches is replaced; a text of several lines is searched
 * line by line, as a log is. Searching takes time linear in the text, whatever a container prints.
 * @throws SlipwayError usage
 */
export function redactionOf(patterns: string | undefined): Redact | undefined {
  const sources = (patterns ?? "").split("\n").filter((line) => line.trim() !== "");
  if (sources.length === 0) return undefined;
  if (sources.length > MOST_PATTERNS)
    throw refused(`has ${sources.length} patterns`, `at most ${MOST_PATTERNS}, one a line`);
  const expressions = sources.map(compiled);
  const line = (text: string): string =>
    expressions.reduce((rest, each) => (each.test(rest) ? each.matcher(rest).replaceAll(REDACTED) : rest), text);
  return (text) => (text.includes("\n") ? text.split("\n").map(line).join("\n") : line(text));
}

function compiled(source: string, at: number): RE2JS {
  try {
    const expression = RE2JS.compile(source);
    if (!expression.test("")) return expression;
  } catch {
    throw refused(
      `has a pattern on line ${at + 1} that RE2 does not understand`,
      "see github.com/google/re2/wiki/Syntax",
    );
  }
  throw refused(
    `has a pattern on line ${at + 1} that matches nothing at all`,
    "a pattern must take at least one character",
  );
}

/** The patterns themselves are not repeated: they may be as secret as what they find. */
function refused(what: string, fix: string): Error {
  return usageError(`SLIPWAY_REDACT ${what}`, fix);
}
