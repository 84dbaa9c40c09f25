import { namesEnd, namesItem, referencesOf } from "../cel/references.ts";
import type { CompiledTask, Needs } from "../compiled.ts";
import { isTaskName, type TaskName } from "../ids.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { isLateWord } from "./expressions.ts";
import { splitTemplate } from "./template.ts";

/** The expressions in a value, each once. */
export function sourcesIn(value: Json): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (each: Json): void => {
    if (typeof each === "string") {
      if (!each.includes("${{")) return;
      for (const part of splitTemplate(each) ?? []) if (part.kind === "expression") found.add(part.source);
    } else if (Array.isArray(each)) for (const inner of each) visit(inner);
    else if (isJsonObject(each)) for (const inner of Object.values(each)) visit(inner);
  };
  visit(value);
  return found;
}

/** Of the expressions that are left in a task with its defaults; nothing where none is. */
export function needsOf(
  layers: readonly Json[],
  templateParams: JsonObject,
  resolve: Resolve,
): Pick<Extract<CompiledTask, { kind: "pod" }>, "needs"> {
  const sources = layers.flatMap((layer) => [...sourcesIn(lateWords(layer))]);
  return sources.length === 0 ? {} : { needs: needsIn(sources, templateParams, resolve) };
}

export function needsIn(sources: readonly string[], templateParams: JsonObject, resolve: Resolve): Needs {
  const all = sources.map(referencesOf);
  const tasks = [...new Set(all.flatMap(({ tasks: named }) => [...named]))].filter(isTaskName);
  const params = all.some(({ roots }) => roots.has("params")) && { params: templateParams };
  const items = tasks.filter((name) => all.some((each) => each.items.has(name)));
  return {
    ...namedBy(tasks, resolve),
    ...(items.length > 0 && { items }),
    ...params,
    ...(all.some(namesItem) && { item: true as const }),
    ...(all.some(namesEnd) && { end: true as const }),
  };
}

type Resolve = (name: string) => string | undefined;

function namedBy(tasks: readonly TaskName[], resolve: Resolve): Pick<Needs, "tasks" | "called"> {
  const others = tasks.flatMap((name) => {
    const meant = resolve(name);
    return meant === undefined || meant === name || !isTaskName(meant) ? [] : [[name, meant] as const];
  });
  return { tasks, ...(others.length > 0 && { called: Object.fromEntries(others) }) };
}

/** Of a condition, which is bare CEL. */
export function conditionOf(source: string | undefined, resolve: Resolve): Pick<CompiledTask, "if"> {
  if (source === undefined) return {};
  return { if: { source, needs: needsIn([source], {}, resolve) } };
}

/** Kubernetes' own words, and values of outputs: the others have been replaced for good, and may hold a `${{` that a param gave. */
function lateWords(layer: Json): Json {
  if (!isJsonObject(layer)) return null;
  const words = Object.entries(layer).filter(([word]) => isLateWord(word));
  return [...words.map(([, value]) => value), ...valuesIn(layer["outputs"])];
}

function valuesIn(outputs: Json | undefined): Json[] {
  const declared: Json[] = isJsonObject(outputs) ? Object.values(outputs) : [];
  return declared.flatMap((each) => (isJsonObject(each) && each["value"] !== undefined ? [each["value"]] : []));
}
