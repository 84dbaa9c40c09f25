import { SlipwayError } from "@slipway/dag";
import type { Style } from "./style.ts";

/** One thing that has to be right for runs to work. */
export interface Check {
  readonly what: string;
  readonly ok: boolean;
  /** What was found. */
  readonly found: string;
  /** What to do where it is not ok. */
  readonly fix?: string;
}

export function renderChecks(style: Style, checks: readonly Check[]): string {
  return checks
    .map(({ what, ok, found, fix }) => {
      const mark = ok ? style.green("ok  ") : style.red("fail");
      return `${mark}  ${what.padEnd(28)}  ${found}\n${ok || fix === undefined ? "" : `      fix: ${fix}\n`}`;
    })
    .join("");
}

/** Runs one check; whatever it throws is what was found. */
export async function check(what: string, fix: string, work: () => Promise<string>): Promise<Check> {
  try {
    return { what, ok: true, found: await work() };
  } catch (error) {
    const [problem] = error instanceof SlipwayError ? error.problems : [];
    if (problem !== undefined) return { what, ok: false, found: problem.what, fix: problem.fix };
    return {
      what,
      ok: false,
      found: error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : String(error),
      fix,
    };
  }
}
