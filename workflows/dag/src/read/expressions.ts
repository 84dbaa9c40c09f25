import type { Json, JsonObject } from "../json.ts";
import { isJsonObject } from "../json.ts";
import { own } from "../strategic-merge.ts";
import type { Budget } from "./budget.ts";
import type { Findings } from "./findings.ts";
import type { Path } from "./path.ts";
import { quote } from "./say.ts";
import { suggest } from "./suggest.ts";
import { textOf } from "./text-places.ts";

type Part = { readonly kind: "text"; readonly text: string } | { readonly kind: "expression"; readonly source: string };

/** Words an expression may begin with in the format; only `params` is evaluated by this version. */
const ROOTS = (
  "params tasks run item index attempt previous outcome event " +
  "ds ds_nodash ts logical_date data_interval_start data_interval_end"
).split(" ");

/** True where a value is, or holds, a `${{ … }}` that has still to be replaced. */
export function isTemplate(value: unknown): boolean {
  return typeof value === "string" && (split(value)?.some(({ kind }) => kind === "expression") ?? true);
}

/** The literal and the `${{ … }}` parts of a text; `undefined` where one is not closed. `$${{` is a literal `${{`. Linear. */
function split(text: string): readonly Part[] | undefined {
  const parts: Part[] = [];
  let at = 0;
  for (let open = text.indexOf("${{"); open !== -1; open = text.indexOf("${{", at)) {
    if (text[open - 1] === "$" && open > at) {
      parts.push({ kind: "text", text: `${text.slice(at, open - 1)}\${{` });
      at = open + 3;
      continue;
    }
    const close = closing(text, open + 3);
    if (close === -1) return undefined;
    parts.push(
      { kind: "text", text: text.slice(at, open) },
      { kind: "expression", source: text.slice(open + 3, close).trim() },
    );
    at = close + 2;
  }
  return [...parts, { kind: "text", text: text.slice(at) } as const].filter(
    (part) => part.kind !== "text" || part.text !== "",
  );
}

/** Where `}}` ends an expression, not counting the ones in its quoted text. */
function closing(text: string, from: number): number {
  let quoted = "";
  for (let at = from; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (quoted !== "") {
      if (char === "\\") at += 1;
      else if (char === quoted) quoted = "";
    } else if (char === '"' || char === "'") quoted = char;
    else if (char === "}" && text[at + 1] === "}") return at;
  }
  return -1;
}

/** The param that `params.x` or `params["x"]` names. */
function paramOf(source: string): string | undefined {
  const [, dotted, quoted, single] =
    /^params(?:\.([A-Za-z_]\w*)|\[\s*(?:"([^"\\]*)"|'([^'\\]*)')\s*\])$/.exec(source) ?? [];
  return dotted ?? quoted ?? single;
}

/** Reports every expression in a value that this version cannot replace; `declared` are the DAG's params. */
export function checkExpressions(value: Json, path: Path, declared: ReadonlySet<string>, findings: Findings): void {
  if (typeof value === "string") {
    const parts = split(value);
    if (parts === undefined) {
      findings.error("bad-expression", path, "`${{` is not closed by `}}`", {
        fix: "close it, or write `$${{` for a literal `${{`",
      });
    }
    for (const part of parts ?? []) if (part.kind === "expression") checkOne(part.source, path, declared, findings);
  } else if (Array.isArray(value)) {
    for (const [at, element] of value.entries()) checkExpressions(element, [...path, at], declared, findings);
  } else if (isJsonObject(value)) {
    for (const [name, field] of Object.entries(value)) checkExpressions(field, [...path, name], declared, findings);
  }
}

function checkOne(source: string, path: Path, declared: ReadonlySet<string>, findings: Findings): void {
  const name = paramOf(source);
  if (name !== undefined) {
    if (declared.has(name)) return;
    const near = suggest(name, declared);
    const fix =
      near === undefined ? `declare it: \`params: { ${name}: … }\`` : `did you mean ${quote(`params.${near}`)}?`;
    findings.error("unknown-param", path, `the param ${quote(name)} is not declared`, { fix });
  } else if (source === "") findings.error("bad-expression", path, "`${{ }}` has no expression in it");
  else checkRoot(source, path, declared, findings);
}

/** A bare unknown word is a mistake; everything else may be CEL, which comes later. */
function checkRoot(source: string, path: Path, declared: ReadonlySet<string>, findings: Findings): void {
  const [, root = "", hyphen] = /^([A-Za-z_]\w*)(?:\.[A-Za-z_]\w*(-)?[\w.-]*)?$/.exec(source) ?? [];
  const shown = quote(`\${{ ${source} }}`);
  if (root === "params" && hyphen !== undefined) {
    findings.error("bad-expression", path, `${shown} reads as a subtraction`, {
      fix: "names of params have `_`, no `-`",
    });
  } else if (root === "" || ROOTS.includes(root)) {
    const fix = "only `params.NAME` is replaced in this version";
    findings.error("not-yet", path, `${shown} is an expression of the format that this version does not evaluate yet`, {
      fix,
    });
  } else {
    const near = declared.has(root) ? `params.${root}` : suggest(root, ROOTS);
    const more = near === undefined ? {} : { fix: `did you mean ${quote(near)}?` };
    findings.error("bad-expression", path, `${shown} begins with a name that expressions do not have`, more);
  }
}

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
  const parts = split(text) ?? [];
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
