import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { own } from "../strategic-merge.ts";
import type { Budget } from "./budget.ts";
import type { Findings } from "./findings.ts";
import type { Path } from "./path.ts";
import { quote } from "./say.ts";
import { type Part, paramOf, splitTemplate } from "./template.ts";
import { textOf } from "./text-places.ts";

/**
 * The value with its expressions replaced. One that is the whole text keeps the param's type, otherwise it becomes text.
 * `checkExpressions` has passed.
 * @throws Refusal `too-large` where the result is more than a document may hold
 */
export function replaceExpressions(
  value: Json,
  path: Path,
  params: JsonObject,
  tools: { readonly findings: Findings; readonly budget: Budget },
): Json {
  if (Array.isArray(value)) return value.map((each, at) => replaceExpressions(each, [...path, at], params, tools));
  if (isJsonObject(value)) {
    const fields = Object.entries(value);
    return Object.fromEntries(
      fields.map(([name, field]) => [name, replaceExpressions(field, [...path, name], params, tools)]),
    );
  }
  const replaced = typeof value === "string" ? replaceText(value, path, params, tools.findings) : value;
  tools.budget.spend(path, typeof replaced === "object" ? JSON.stringify(replaced).length : String(replaced).length);
  return replaced;
}

function replaceText(text: string, path: Path, params: JsonObject, findings: Findings): Json {
  const parts = splitTemplate(text) ?? [];
  const values = parts.map((part) =>
    part.kind === "text" ? part.text : (own(params, paramOf(part.source) ?? "") ?? null),
  );
  const [only] = values;
  if (values.length === 1 && only !== undefined) return only;
  return values.map((value, at) => textOf(value) ?? nullIn(parts[at], path, findings)).join("");
}

function nullIn(part: Part | undefined, path: Path, findings: Findings): string {
  const source = part?.kind === "expression" ? part.source : "";
  findings.error("bad-expression", path, `${quote(`\${{ ${source} }}`)} is null, which has no text`);
  return "";
}
