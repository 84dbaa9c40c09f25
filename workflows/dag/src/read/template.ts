import { isJsonObject, type Json } from "../json.ts";

/** A literal part of a text, or what stands between `${{` and `}}`. */
export type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "expression"; readonly source: string };

/** True where a value is, or holds, a `${{ … }}` that has still to be replaced. */
export function isTemplate(value: unknown): boolean {
  return typeof value === "string" && (splitTemplate(value)?.some(({ kind }) => kind === "expression") ?? true);
}

/** True where an expression has still to be replaced in a value, however deep. */
export function holdsTemplate(value: Json): boolean {
  if (Array.isArray(value)) return value.some((each: Json) => holdsTemplate(each));
  return isJsonObject(value) ? Object.values(value).some(holdsTemplate) : isTemplate(value);
}

/** The literal and the `${{ … }}` parts of a text; `undefined` where one is not closed. `$${{` is a literal `${{`. Linear. */
export function splitTemplate(text: string): readonly Part[] | undefined {
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
export function paramOf(source: string): string | undefined {
  const [, dotted, quoted, single] =
    /^params(?:\.([A-Za-z_]\w*)|\[\s*(?:"([^"\\]*)"|'([^'\\]*)')\s*\])$/.exec(source) ?? [];
  return dotted ?? quoted ?? single;
}

/** Every text so that splitting it gives it back whole: a literal `${{` is written `$${{`. */
export function escapeTemplates(value: Json): Json {
  if (typeof value === "string") return value.replaceAll("${{", () => "$${{");
  if (Array.isArray(value)) return value.map((each: Json) => escapeTemplates(each));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, escapeTemplates(field)]));
}

/** What `escapeTemplates` was given; of a text with an expression nothing is changed. */
export function unescapeTemplates(value: Json): Json {
  if (typeof value === "string") return value.replaceAll("$${{", () => "${{");
  if (Array.isArray(value)) return value.map((each: Json) => unescapeTemplates(each));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, unescapeTemplates(field)]));
}
