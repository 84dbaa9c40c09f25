import type { Problem } from "../errors.ts";
import { isTemplate } from "./template.ts";
import type { Edit } from "./mend-words.ts";
import { offsetOf } from "./text-lines.ts";

/** Quotes that YAML needs on the line of a syntax error, each way of putting them one edit; tabs as indentation. */
export function quoteEdits(text: string, problem: Problem): readonly Edit[] {
  const at = offsetOf(text, problem);
  const start = text.lastIndexOf("\n", at - 1) + 1;
  const [line = ""] = /^[^\r\n]*/.exec(text.slice(start)) ?? [];
  return [...wholeValue(line), ...templatesIn(line)].map(({ from, to, text: put }) => ({
    from: start + from,
    to: start + to,
    text: put,
  }));
}

/** `key: value` or `- value`, and a comment behind it. */
const ENTRY = /^(\s*(?:- +)*(?:([\w.-]+):[ \t]+)?)(\S.*?)([ \t]+#.*)?\s*$/;

function wholeValue(line: string): readonly Edit[] {
  const [, before = "", key = "", value = ""] = ENTRY.exec(line) ?? [];
  return needsQuotes(key, value) ? [quoted(value, before.length)] : [];
}

/** What can only be text here: the format knows no tags and no aliases of these shapes. */
function needsQuotes(key: string, value: string): boolean {
  if (/^["'{[|>#]/.test(value)) return false;
  if (/^[@%`]/.test(value) || isTemplate(value)) return true;
  if (value.startsWith("*")) return /^\*(?:\/\d+)?(?: \S+){4}$/.test(value);
  return value.startsWith("!") && key === "if" && !value.startsWith("!!");
}

/** Every `${{ … }}` in `{ }` or `[ ]` that stands outside of quotes, with the text around it up to the next comma or bracket. */
function templatesIn(line: string): readonly Edit[] {
  const parts: string[] = [];
  let done = 0;
  for (const { index, 0: found } of line.matchAll(
    /[^\s"'[\]{},:][^"'[\]{},:]*?\$\{\{[^{}]*\}\}[^"'[\]{},]*|\$\{\{[^{}]*\}\}[^"'[\]{},]*/g,
  )) {
    if (isInQuotes(line, index)) continue;
    const value = found.trimEnd();
    parts.push(line.slice(done, index), quoted(value, 0).text);
    done = index + value.length;
  }
  return parts.length === 0 ? [] : [{ from: 0, to: line.length, text: `${parts.join("")}${line.slice(done)}` }];
}

function isInQuotes(line: string, at: number): boolean {
  let open = "";
  for (const char of line.slice(0, at)) {
    if (open === "" && (char === '"' || char === "'")) open = char;
    else if (char === open) open = "";
  }
  return open !== "";
}

function quoted(value: string, at: number): Edit {
  const text = value.includes('"') && !value.includes("'") ? `'${value}'` : JSON.stringify(value);
  return { from: at, to: at + value.length, text };
}
