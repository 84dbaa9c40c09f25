import type { CompiledDag, CompiledTask } from "../compiled.ts";
import { canonicalJson, isJsonObject, type Json, type JsonObject } from "../json.ts";
import { layersOf, limitWordsOf, taskSpec } from "../merge.ts";
import type { Differing } from "../plan.ts";
import type { FieldChange } from "../task-change.ts";
import { sourcesIn } from "./needs.ts";

/** Of so many tasks it is said what of them differs; the answer rides in the history. */
const TOLD = 100;
/** Fields of one task that are told, and characters of a value. */
const FIELDS = 8;
const SHORT = 60;

/** The tasks of a DAG that are others with other params. Of an expression that is evaluated late, those params that it names. */
export function differing(before: CompiledDag, after: CompiledDag): readonly Differing[] {
  const found: Differing[] = [];
  const others = new Map(after.tasks.map((task) => [task.name, task]));
  const changed = differences({ params: before.params }, { params: after.params });
  for (const task of before.tasks) {
    const other = others.get(task.name);
    if (other === undefined) continue;
    const late = changed.filter(({ field }) => namesLate(after, other, field.split(".")[1] ?? ""));
    const fields = [...differences(madeOf(before, task), madeOf(after, other)), ...late];
    if (fields.length === 0) continue;
    found.push({ task: task.name, ...(found.length < TOLD && { fields: fields.slice(0, FIELDS) }) });
  }
  return found;
}

/** Params give values, never the graph. */
export function isSameShape(before: CompiledDag, after: CompiledDag): boolean {
  const shape = ({ tasks }: CompiledDag) =>
    JSON.stringify(
      tasks.map((task) => {
        const { name, kind, after: above, gate, group, final, forEach } = task;
        return [name, kind, above, gate, group, final, task.if === undefined, forEach === undefined];
      }),
    );
  return shape(before) === shape(after);
}

/** All that a task is made of; a group only its own. */
function madeOf(dag: CompiledDag, task: CompiledTask): JsonObject {
  const { needs: _needs, ...rest }: JsonObject = asJson(task);
  if (task.kind !== "pod") return without(rest, "defaults");
  const layers = layersOf(dag, task);
  const spec = asJson({ ...taskSpec(dag, task), ...limitWordsOf(layers) });
  const templateParams = task.needs?.params ?? {};
  return { ...without(without(rest, "spec"), "template"), ...spec, params: templateParams };
}

function without(of: JsonObject, field: string): JsonObject {
  return Object.fromEntries(Object.entries(of).filter(([name]) => name !== field));
}

function asJson(value: object): JsonObject {
  const json: unknown = JSON.parse(JSON.stringify(value));
  return isJsonObject(json) ? json : {};
}

/** Whether an expression that is left in a task names this param of the DAG, or one that nobody can tell by its text. */
function namesLate(dag: CompiledDag, task: CompiledTask, param: string): boolean {
  const conditions = [task.if?.source, task.kind === "wait" && task.wait.kind === "event" ? task.wait.if : undefined];
  const sources = [...sourcesIn(madeOf(dag, task)), ...conditions.filter((each) => each !== undefined)];
  return sources.some((source) => {
    const named = [...source.matchAll(/\bparams\b(?:\s*\.\s*([A-Za-z_]\w*)|\s*\[\s*["'](\w+)["']\s*\])?/g)];
    return named.some(([, dotted, quoted]) => (dotted ?? quoted ?? param) === param);
  });
}

/** Leaf by leaf, by its path. */
function differences(before: JsonObject, after: JsonObject): FieldChange[] {
  const [was, is] = [leaves(before), leaves(after)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((field) => {
    const [from, to] = [was.get(field), is.get(field)];
    return from === to ? [] : [{ field, from: short(from), to: short(to) }];
  });
}

function leaves(value: Json, path = "", into = new Map<string, string>()): ReadonlyMap<string, string> {
  const inner = Array.isArray(value) ? [...value.entries()] : isJsonObject(value) ? Object.entries(value) : [];
  if (inner.length === 0) into.set(path, typeof value === "string" ? value : canonicalJson(value));
  for (const [key, each] of inner) leaves(each, path === "" ? String(key) : `${path}.${key}`, into);
  return into;
}

function short(text = "-"): string {
  return text.length <= SHORT ? text : `${text.slice(0, SHORT - 1)}…`;
}
