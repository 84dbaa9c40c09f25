import { referencesOf } from "../cel/references.ts";
import type { CompiledTask } from "../compiled.ts";
import { isTaskName } from "../ids.ts";
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
): Pick<Extract<CompiledTask, { kind: "pod" }>, "needs"> {
  const sources = layers.flatMap((layer) => [...sourcesIn(lateWords(layer))]);
  if (sources.length === 0) return {};
  const all = sources.map(referencesOf);
  const tasks = [...new Set(all.flatMap(({ tasks: named }) => [...named]))].filter(isTaskName);
  return { needs: { tasks, ...(all.some(({ roots }) => roots.has("params")) && { params: templateParams }) } };
}

/** Of a condition, which is bare CEL. */
export function conditionOf(source: string | undefined): Pick<CompiledTask, "if"> {
  if (source === undefined) return {};
  const { tasks, roots } = referencesOf(source);
  return {
    if: { source, needs: { tasks: [...tasks].filter(isTaskName), ...(roots.has("params") && { params: {} }) } },
  };
}

/** Kubernetes' own words: the others have been replaced for good, and may hold a `${{` that a param gave. */
function lateWords(layer: Json): Json {
  if (!isJsonObject(layer)) return null;
  return Object.fromEntries(Object.entries(layer).filter(([word]) => isLateWord(word)));
}
