import type { YAMLError } from "yaml";
import { type Problem, problem } from "../errors.ts";
import type { FilePlaces } from "./path.ts";
import { visible } from "./say.ts";

/** A control character that stands in the text as it is: nobody sees it, and a terminal obeys it. */
export function controlProblem(text: string, places: FilePlaces): Problem | undefined {
  const [found] = /[^\P{Cc}\t\n\r]/u.exec(text) ?? [];
  if (found === undefined) return undefined;
  const code = found.charCodeAt(0).toString(16).padStart(2, "0");
  const fix = `remove it, or write it in double quotes as \`\\x${code}\``;
  return problem("yaml-syntax", `a control character, \`\\x${code}\``, { where: places.at(text.indexOf(found)), fix });
}

/** The parser's error as a problem; most of the first errors people make are a missing pair of quotes. */
export function syntaxProblem(error: YAMLError, text: string, places: FilePlaces): Problem {
  const offset = error.pos[0];
  const line = lineAt(text, offset);
  const fix = fixFor(error, line);
  return problem("yaml-syntax", whatOf(error), { where: places.at(offset), ...(fix === undefined ? {} : { fix }) });
}

function whatOf(error: YAMLError): string {
  if (error.code === "RESOURCE_EXHAUSTION") return "maps and lists are nested too deeply";
  if (error.code === "TAG_RESOLVE_FAILED") return "a value begins with `!`, which marks a YAML tag, not text";
  if (error.message.startsWith("Unexpected alias")) return "a value begins with `*`, which YAML takes for an alias";
  if (error.message.startsWith("Unexpected flow-map")) return "a `{` in the middle of a value begins a map";
  if (error.code === "BLOCK_AS_IMPLICIT_KEY") return "a `: ` begins a map where YAML allows none";
  const message = error.message.slice(0, 200).replace(/\s+/g, " ");
  return `${message.charAt(0).toLowerCase()}${message.slice(1)}`;
}

/** The line of the error, at most 200 characters to each side: what is matched against it must be short. */
function lineAt(text: string, offset: number): string {
  const before = text.slice(Math.max(0, offset - 200), offset);
  const after = text.slice(offset, offset + 200);
  return `${before.slice(before.lastIndexOf("\n") + 1)}${/^[^\n]*/.exec(after)?.[0] ?? ""}`;
}

/** Fields whose value may be repeated in an error; any other may be a secret. */
const HARMLESS: ReadonlySet<string> = new Set(["schedule", "cron", "every", "if", "image", "description"]);

function fixFor({ code }: YAMLError, line: string): string | undefined {
  if (code === "TAB_AS_INDENT") return "indent with spaces";
  if (line.includes("${{")) {
    return 'put the value with `${{ }}` in double quotes: "${{ params.x }}" (always in `{ }` and `[ ]`, and where it holds `: `)';
  }
  const [, key = "", value] = /([\w-]+):[ \t]+([*@`%&!|>].*)$/.exec(line) ?? [];
  if (value !== undefined) return `put the value in quotes: \`${key}: ${HARMLESS.has(key) ? quoted(value) : '"…"'}\``;
  if (code === "TAG_RESOLVE_FAILED") return "put the whole value in quotes";
  if (code === "BLOCK_AS_IMPLICIT_KEY")
    return "put the value in quotes if a `: ` in it is text; otherwise check the indentation";
  return undefined;
}

/** The value as YAML text in quotes, cut where it is long. */
function quoted(value: string): string {
  const text = value.replace(/[ \t]#.*$/, "").trim();
  return text.length > 60 ? '"…"' : JSON.stringify(visible(text));
}
