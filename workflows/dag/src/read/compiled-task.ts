import { renderProblem } from "../errors.ts";
import type { Json, JsonObject } from "../json.ts";
import { compileDag } from "./compile.ts";
import { readDagJson } from "./dag-file.ts";
import type { Read } from "./findings.ts";
import { unescapeTemplates } from "./template.ts";

/** For tests: the text of the problems, or ok. */
export function told(read: Read<unknown>): string {
  return read.kind === "ok" ? "ok" : read.problems.map((each) => renderProblem(each)).join("\n");
}

/** For tests: the compiled fields of the task `a`, with the given params declared by their defaults. */
export function compiledTask(task: JsonObject, params: JsonObject = {}, given: JsonObject = {}): Json | string {
  const read = readDagJson({ dag: "d", params, tasks: { a: task } });
  const compiled = read.kind === "refused" ? read : compileDag(read.value, given);
  if (compiled.kind === "refused") return told(compiled);
  const [first] = compiled.value.tasks;
  return first?.kind === "pod" ? unescapeTemplates({ ...first.spec }) : null;
}
