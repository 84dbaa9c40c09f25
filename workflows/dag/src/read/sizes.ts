import type { CompiledDag } from "../compiled.ts";
import { utf8Length } from "../json.ts";
import { layersOf, outputDefaults, outputsOf, taskSpec } from "../merge.ts";
import type { Findings } from "./findings.ts";
import { LIMITS } from "./limits.ts";
import type { Path } from "./path.ts";

/** What Temporal carries: the compiled DAG in the history of its run, a task's spec in the input of each attempt. */
export function checkSizes(compiled: CompiledDag, findings: Findings): void {
  const total = utf8Length(JSON.stringify(compiled));
  if (total > LIMITS.compiledBytes) {
    findings.error(
      "too-large",
      [],
      `the compiled DAG has ${kilobytes(total)} KB; at most ${kilobytes(LIMITS.compiledBytes)} KB are run`,
    );
  }
  checkOutputDefaults(compiled, findings);
  const shared = utf8Length(JSON.stringify(compiled.defaults));
  for (const task of compiled.tasks) {
    if (task.kind !== "pod" || shared + JSON.stringify(task).length * 3 < LIMITS.taskBytes) continue;
    const bytes = utf8Length(JSON.stringify(taskSpec(compiled, task)));
    if (bytes <= LIMITS.taskBytes) continue;
    const what = `the task has ${kilobytes(bytes)} KB with its defaults; at most ${kilobytes(LIMITS.taskBytes)} KB are run`;
    findings.error("too-large", placeOf(compiled, task.name), what, {
      at: "key",
      fix: "put long scripts into the image or a config map, and name them here",
    });
  }
}

/** Where a task stands in the document. */
function placeOf({ tasks }: CompiledDag, name: string): Path {
  const parts = name.split(".");
  return parts.flatMap((part, at) => {
    const whole = parts.slice(0, at + 1).join(".");
    return [tasks.find((task) => task.name === whole)?.final === true ? "finally" : "tasks", part];
  });
}

function checkOutputDefaults(compiled: CompiledDag, findings: Findings): void {
  let bytes = 0;
  for (const task of compiled.tasks) {
    const outputs = task.kind === "pod" ? outputDefaults(outputsOf(layersOf(compiled, task))) : {};
    bytes += Object.keys(outputs).length === 0 ? 0 : utf8Length(JSON.stringify(outputs));
  }
  if (bytes <= LIMITS.defaultBytes) return;
  const what = `the defaults of all outputs have ${kilobytes(bytes)} KB; at most ${kilobytes(LIMITS.defaultBytes)} KB are run`;
  findings.error("too-large", [], what, { fix: "declare fewer outputs, or shorter defaults" });
}

function kilobytes(bytes: number): number {
  return Math.ceil(bytes / 1024);
}
