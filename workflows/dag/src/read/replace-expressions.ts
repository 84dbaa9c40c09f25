import type { Evaluated } from "../cel/evaluate.ts";
import { isJsonObject, type Json } from "../json.ts";
import type { Budget } from "./budget.ts";
import { mayBeLate } from "./expressions.ts";
import type { Findings } from "./findings.ts";
import type { Path } from "./path.ts";
import { quote } from "./say.ts";
import { escapeTemplates, type Part, splitTemplate } from "./template.ts";
import { textOf } from "./text-places.ts";

/**
 * What an expression gives. `late`: only right before an attempt is it known. `given`: it stands for what `with` gives, which
 * holds late ones itself.
 */
export type Replaced = Evaluated | { readonly kind: "late" } | { readonly kind: "given"; readonly value: Json };

export interface Replacing {
  readonly findings: Findings;
  readonly budget: Budget;
  readonly valueOf: (source: string, path: Path) => Replaced;
}

/**
 * The value with its expressions replaced. One that is the whole text keeps its type, otherwise it becomes text. A text with
 * a late one stays as it was written; so that both can be told apart, a literal `${{` beside such texts is written `$${{`.
 * `checkExpressions` has passed.
 * @throws Refusal `too-large` where the result is more than a document may hold
 */
export function replaceExpressions(value: Json, path: Path, tools: Replacing): Json {
  if (Array.isArray(value)) return value.map((each, at) => replaceExpressions(each, [...path, at], tools));
  if (isJsonObject(value)) {
    const fields = Object.entries(value);
    return Object.fromEntries(fields.map(([name, field]) => [name, replaceExpressions(field, [...path, name], tools)]));
  }
  const replaced = typeof value === "string" ? replaceText(value, path, tools) : value;
  tools.budget.spend(path, typeof replaced === "object" ? JSON.stringify(replaced).length : String(replaced).length);
  return replaced;
}

function replaceText(text: string, path: Path, tools: Replacing): Json {
  const parts = splitTemplate(text) ?? [];
  const given = giveLate(parts, path, tools);
  if (given !== undefined) return given;
  const values: Json[] = [];
  for (const part of parts) {
    const value =
      part.kind === "text" ? ({ kind: "value", value: part.text } as const) : tools.valueOf(part.source, path);
    if (value.kind === "late" || value.kind === "given") return text;
    if (value.kind === "failed") {
      tools.findings.error("bad-expression", path, `${shown(part)} has no value: ${value.why}`);
      return "";
    }
    values.push(value.value);
  }
  const [only] = values;
  const whole = values.length === 1 ? only : undefined;
  const replaced =
    whole ?? values.map((value, at) => textOf(value) ?? nullIn(parts[at], path, tools.findings)).join("");
  return mayBeLate(path) ? escapeTemplates(replaced) : replaced;
}

/** A text with an expression that stands for late ones, with those in its place; `undefined` where there is none. */
function giveLate(parts: readonly Part[], path: Path, { findings, valueOf }: Replacing): Json | undefined {
  const values = parts.map((part) => (part.kind === "text" ? undefined : valueOf(part.source, path)));
  const at = values.findIndex((value) => value?.kind === "given");
  if (at === -1) return undefined;
  const [only] = values;
  if (!mayBeLate(path)) {
    const what = `${shown(parts[at])} is known only when the task starts, and this is decided when the run does`;
    findings.error("bad-expression", path, what, {
      fix: "give the template a value that names params, `run` and dates alone",
    });
    return "";
  }
  if (values.length === 1 && only?.kind === "given") return only.value;
  return parts.map((part, index) => written(part, values[index], path, findings)).join("");
}

/** A part as a text has it that is looked at again later. */
function written(part: Part, value: Replaced | undefined, path: Path, findings: Findings): string {
  if (part.kind === "text") return part.text.replaceAll("${{", () => "$${{");
  if (value === undefined || value.kind === "late" || value.kind === "failed") return `\${{ ${part.source} }}`;
  if (value.kind === "given") return typeof value.value === "string" ? value.value : JSON.stringify(value.value);
  return (textOf(value.value) ?? nullIn(part, path, findings)).replaceAll("${{", () => "$${{");
}

function nullIn(part: Part | undefined, path: Path, findings: Findings): string {
  findings.error("bad-expression", path, `${shown(part)} is null, which has no text`);
  return "";
}

function shown(part: Part | undefined): string {
  return quote(`\${{ ${part?.kind === "expression" ? part.source : ""} }}`);
}
