import { renderProblem } from "../errors.ts";
import { lintDagFile } from "./dag-file.ts";

/** For tests: what lint says of a text, whole. */
export function lint(text: string): string {
  return lintDagFile(text, "f.yaml")
    .flatMap((read) =>
      read.kind === "ok"
        ? ["ok", ...read.warnings.map((each) => renderProblem(each, "warning"))]
        : read.problems.map((each) => renderProblem(each)),
    )
    .join("\n");
}

/** For tests: a DAG with one task `a`, whose lines are given. */
export function aTask(...lines: readonly string[]): string {
  return ["dag: d", "tasks:", "  a:", ...lines.map((line) => `    ${line}`), ""].join("\n");
}
