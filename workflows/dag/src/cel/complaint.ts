import { Suggester } from "../suggest.ts";

/** What is wrong with an expression, before it is ever evaluated: a sentence, and where it is known how to mend it. */
export interface Complaint {
  readonly what: string;
  readonly fix?: string;
  /** The whole expression as it is meant, where there is no doubt. */
  readonly instead?: string;
}

/** Characters of an expression. */
export const EXPRESSION = 2_000;

export const CALLED: ReadonlyMap<string, string> = new Map([
  ["string", "text"],
  ["int", "a whole number"],
  ["double", "a number"],
  ["null", "null"],
  ["Outcome", "an outcome"],
]);

/** `no such overload: string == int` → `text == a whole number is not defined` */
export function overload(summary: string): string {
  const operation = summary
    .replace(/^no such overload: /, "")
    .replaceAll(/\b(string|int|double|null|Outcome)\b/g, (type) => CALLED.get(type) ?? type);
  return `${operation} is not defined`;
}

/** The slips of people who know other languages. */
export function syntaxFix(source: string, at: number): Pick<Complaint, "fix"> {
  const around = source.slice(Math.max(0, at - 4), at + 4);
  if (/(?<![=!<>])=(?!=)/.test(around)) return { fix: "equality is `==`" };
  if (/\b(?:and|or|not)\b/.test(source)) return { fix: "write `&&` for and, `||` for or, `!` for not" };
  return {};
}

/** `${{ x }}` where bare CEL belongs. */
export function braces(source: string): Complaint | undefined {
  if (!source.includes("${{")) return undefined;
  const [, bare] = /^\s*\$\{\{((?:[^{}]|\{[^{}]*\})*)\}\}\s*$/.exec(source) ?? [];
  const what = "`${{ }}` has no place in a condition";
  const fix = "write the expression bare, without `${{` and `}}`";
  return { what, fix, ...(bare !== undefined && { instead: bare.trim() }) };
}

export function near(word: string, known: readonly string[], write: (name: string) => string): Pick<Complaint, "fix"> {
  const found = new Suggester().suggest(word, known);
  return found === undefined ? {} : { fix: `did you mean \`${write(found)}\`?` };
}
