import type { CompiledDag, CompiledTask } from "../compiled.ts";
import { utf8Length } from "../json.ts";
import { layersOf, outputDefaults, outputsOf, taskSpec } from "../merge.ts";
import type { Findings } from "./findings.ts";
import { LIMITS } from "./limits.ts";
import type { Path } from "./path.ts";

/** What Temporal carries: the compiled DAG in the history of its run, a task's spec in the input of each attempt. */
export function checkSizes(compiled: CompiledDag, findings: Findings): void {
  const total = bytesOf(compiled);
  if (total > LIMITS.compiledBytes) {
    const what = `the compiled DAG has ${kilobytes(total)} KB; at most ${kilobytes(LIMITS.compiledBytes)} KB are run. It holds ${partsOf(compiled, total)}`;
    findings.error("too-large", [], what, {
      fix: "say what tasks share once, in `defaults`; let a noop wait for many, and others for the noop; put long scripts into the image; or split the DAG",
    });
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

/** What makes a compiled DAG large, the largest part first; of what is a twentieth of it, or more. */
function partsOf({ tasks, defaults, params }: CompiledDag, total: number): string {
  const sum = (of: (task: CompiledTask) => number): number => tasks.reduce((bytes, task) => bytes + of(task), 0);
  const count = tasks.length.toLocaleString("en-US");
  const parts: readonly (readonly [string, number])[] = [
    [`what ${count} tasks say of their pods`, sum((task) => (task.kind === "pod" ? bytesOf(task.spec) : 0))],
    [
      "their templates",
      sum((task) => (task.kind === "pod" && task.template !== undefined ? bytesOf(task.template) : 0)),
    ],
    ["whom they wait for", sum(({ after, gate = null }) => bytesOf(after) + bytesOf(gate))],
    ["their names", sum(({ name, group = null }) => bytesOf(name) + bytesOf(group))],
    ["`defaults`", bytesOf(defaults) + sum((task) => (task.kind === "group" ? bytesOf(task.defaults ?? null) : 0))],
    ["`params`", bytesOf(params)],
  ];
  return parts
    .filter(([, bytes]) => bytes * 20 >= total)
    .toSorted(([, a], [, b]) => b - a)
    .map(([what, bytes]) => `${what} (${kilobytes(bytes)} KB)`)
    .join(", ");
}

function bytesOf(value: unknown): number {
  return utf8Length(JSON.stringify(value));
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
