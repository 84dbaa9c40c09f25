import { type Problem, renderProblem } from "@slipway/dag";
import { renderProblems } from "./failure.ts";
import type { Mended } from "@slipway/dag/read";
import type { Style } from "./style.ts";

/** What lint found in one DAG of a file. */
export interface Linted {
  readonly file: string;
  /** `undefined`: refused. */
  readonly dag?: { readonly name: string; readonly tasks: number };
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
}

export const LINT_FORMATS = ["text", "json", "github"] as const;
export type LintFormat = (typeof LINT_FORMATS)[number];

export function lintView(linted: readonly Linted[], format: LintFormat, style: Style): string {
  switch (format) {
    case "json":
      return `${JSON.stringify({ problems: linted.flatMap(records) }, null, 2)}\n`;
    case "github":
      return linted.flatMap(records).map(workflowCommand).join("");
    case "text":
      return linted.map((one) => textOf(one, style)).join("");
  }
}

function textOf({ file, dag, errors, warnings }: Linted, style: Style): string {
  if (dag === undefined) return `${renderProblems(errors)}\n\n`;
  const told = warnings.map((warning) => `${renderProblem(warning, "warning")}\n\n`).join("");
  return `${told}${style.green("ok")}  ${file}  ${dag.name}, ${dag.tasks} task${dag.tasks === 1 ? "" : "s"}\n`;
}

/** What `--fix` changed: each line as it was, and as it is. */
export function mendedView(file: string, mended: readonly Mended[]): string {
  return mended
    .map(({ line, column, before, after }) => `fixed  ${file}:${line}:${column}\n  - ${before}\n  + ${after}\n`)
    .join("");
}

/** One problem as programs read it. */
interface Told {
  readonly severity: "error" | "warning";
  readonly code: string;
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly path?: string;
  readonly what: string;
  readonly why: string;
  readonly fix: string;
  readonly instead?: string;
}

function records({ file, errors, warnings }: Linted): readonly Told[] {
  const record =
    (severity: Told["severity"]) =>
    ({ code, what, why, fix, instead, where }: Problem): Told => ({
      severity,
      code,
      file,
      ...where,
      what,
      why,
      fix,
      ...(instead !== undefined && { instead }),
    });
  return [...errors.map(record("error")), ...warnings.map(record("warning"))];
}

/** https://docs.github.com/actions/reference/workflow-commands-for-github-actions#setting-an-error-message */
function workflowCommand({ severity, code, file, line, column, what, why, fix }: Told): string {
  const place = { file, line, col: column, title: code };
  const given = Object.entries(place).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${escaped(String(value)).replaceAll(":", "%3A").replaceAll(",", "%2C")}`],
  );
  return `::${severity} ${given.join(",")}::${escaped(`${what}\nwhy: ${why}\nfix: ${fix}`)}\n`;
}

function escaped(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
