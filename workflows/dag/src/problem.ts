import type { ErrorCode } from "./errors.ts";

/** Where in a user's text: `file:line:column` and the path of the field, each where known. Lines and columns count from 1. */
export interface Where {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** `tasks.passing-task.image` */
  readonly path?: string;
}

/** One thing wrong with a user's input or set-up: what, where, why, fix. Plain data, so it crosses Temporal as it is. */
export interface Problem {
  readonly code: ErrorCode;
  readonly what: string;
  readonly where?: Where;
  readonly why: string;
  readonly fix: string;
  /** What should stand there, where there is no doubt: the whole key or value, as text. */
  readonly instead?: string;
}

/** The text that `lint` prints and that a failed start carries. */
export function renderProblem({ code, what, where, why, fix }: Problem, level: "error" | "warning" = "error"): string {
  const place = where === undefined ? [] : [`  --> ${renderWhere(where)}`];
  return [`${level}[${code}]: ${what}`, ...place, `  why: ${why}`, `  fix: ${fix}`].join("\n");
}

function renderWhere({ file, line, column, path }: Where): string {
  const spot = [file, line, column].filter((part) => part !== undefined).join(":");
  return [spot, path].filter((part) => part !== undefined && part !== "").join("   ");
}

/** A failure that a person reads, thrown by services; `problems` has at least one. */
export class SlipwayError extends Error {
  override readonly name = "SlipwayError";
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[], options?: { readonly cause?: unknown }) {
    super(problems.map((each) => renderProblem(each)).join("\n\n"), options);
    this.problems = problems;
  }
}
