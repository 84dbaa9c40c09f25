import type { Checker, Standpoint } from "../cel/checker.ts";
import { isLate } from "../cel/references.ts";
import { isJsonObject, type Json } from "../json.ts";
import type { Findings } from "./findings.ts";
import { CONTAINER_FIELDS } from "./kubernetes-fields.ts";
import type { Path } from "./path.ts";
import { HELD_TEXTS } from "./held-texts.ts";
import { inLayer } from "./placed.ts";
import { quote } from "./say.ts";
import { isTemplate, paramOf, splitTemplate } from "./template.ts";

/** What the expressions of one document are checked with. */
export interface Expressions {
  readonly checker: Checker;
  readonly params: ReadonlySet<string>;
  readonly findings: Findings;
}

/** Reports what is wrong with the expressions in a value. `from`: the task they stand in. */
export function checkExpressions(value: Json, path: Path, from: Standpoint, tools: Expressions): void {
  const { findings } = tools;
  visit(value, path, findings, (text, at) => {
    const parts = splitTemplate(text);
    if (parts === undefined) {
      const fix = "close it, or write `$${{` for a literal `${{`";
      findings.error("bad-expression", at, "`${{` is not closed by `}}`", { fix });
    }
    for (const part of parts ?? [])
      if (part.kind === "expression") checkOne({ source: part.source, text }, at, from, tools);
      else warnOfOtherBraces(part.text, at, findings);
  });
}

/** What Jinja, Argo, shells and Kubernetes write: here it stays text, which is hardly ever meant. */
const OTHER_BRACES =
  /\{\{-?\s*(?:params|tasks|run|ds|ds_nodash|ts|logical_date|dag_run|ti|var|workflow|inputs|item)\b[^{}]*\}\}|\$[{(]\s*(?:params|tasks)\.[^{}()]*[})]/;

function warnOfOtherBraces(text: string, path: Path, findings: Findings): void {
  const found = OTHER_BRACES.exec(text)?.[0];
  if (found === undefined) return;
  const fix = "expressions are `${{ … }}`";
  findings.warn("bad-expression", path, `${quote(found)} is no expression: it reaches the pod as it stands`, { fix });
}

/** Where expressions have no place (params, schedule), one that is there would reach the pod as text. */
export function refuseExpressions(value: Json, path: Path, findings: Findings): void {
  visit(value, path, findings, (text, at) => {
    if (!isTemplate(text)) return;
    findings.error("bad-expression", at, "an expression has no place here", { fix: "write the value itself" });
  });
}

function visit(value: Json, path: Path, findings: Findings, text: (text: string, path: Path) => void): void {
  if (typeof value === "string") text(value, path);
  else if (Array.isArray(value)) {
    for (const [at, element] of value.entries()) visit(element, [...path, at], findings, text);
  } else if (isJsonObject(value)) {
    for (const [name, field] of Object.entries(value)) {
      const here = [...path, name];
      if (isTemplate(name)) findings.error("bad-expression", here, "a key cannot hold an expression", { at: "key" });
      visit(field, here, findings, text);
    }
  }
}

/** An expression, and the text it stands in. */
interface Shown {
  readonly source: string;
  readonly text: string;
}

function checkOne(shown: Shown, path: Path, from: Standpoint, { checker, params, findings }: Expressions): void {
  const { source } = shown;
  const name = paramOf(source);
  if (source === "") findings.error("bad-expression", path, "`${{ }}` has no expression in it");
  else if (name === undefined) checkCel(shown, path, from, { checker, findings });
  else if (!params.has(name)) {
    const more = {
      fix: `declare it: ${quote(`params: { ${name}: … }`)}`,
      ...findings.didYouMean(name, params, (param) => `params.${param}`),
    };
    findings.error("unknown-param", path, `the param ${quote(name)} is not declared`, more);
  }
}

function checkCel(
  { source, text }: Shown,
  path: Path,
  from: Standpoint,
  { checker, findings }: Pick<Expressions, "checker" | "findings">,
): void {
  const checked = checker.check(source, from);
  if (checked.kind === "wrong") {
    const { what, instead, ...more } = checked.complaint;
    const whole = instead !== undefined && { instead: text.replaceAll(source, () => instead) };
    findings.error("bad-expression", path, what, { ...more, ...whole });
  } else if (isLate(checked.references) && !mayBeLate(path)) {
    const what = `${quote(`\${{ ${source} }}`)} is known only when the task starts, and this is decided when the run does`;
    findings.error("bad-expression", path, what, { fix: "here name params, `run` and dates alone" });
  }
}

/**
 * Kubernetes' own words are looked at again right before an attempt, and with them what `with` gives a template for them;
 * everything else is decided when the run starts.
 */
export function mayBeLate(path: Path): boolean {
  const layer = inLayer(path);
  if (layer[0] === "outputs" && layer[2] === "value") return true;
  const word = layer.length < path.length ? layer[0] : undefined;
  if (word !== undefined && HELD_TEXTS.has(layer.join("."))) return true;
  return typeof word === "string" && (LATE_WORDS.has(word) || isLateWord(word));
}

/** `with` rides on Kubernetes' words; a list and its keys are made when the task's turn has come. */
const LATE_WORDS: ReadonlySet<string> = new Set(["with", "forEach", "key"]);

export function isLateWord(word: string): boolean {
  return word === "pod" || word === "metadata" || CONTAINER_FIELDS.some((field) => field === word);
}
