import type { z } from "zod";
import { isJsonObject, type Json } from "../json.ts";
import { own } from "../strategic-merge.ts";
import type { Findings, More } from "./findings.ts";
import { isDeferred } from "./short-forms.ts";
import { CONTAINER_FIELDS } from "./kubernetes-fields.ts";
import type { Path } from "./path.ts";
import { kindOf, quote } from "./say.ts";
import { unknownWord } from "./unknown-words.ts";
import { valueFix } from "./value-words.ts";
import type { Scope } from "./words.ts";

type Issue = z.core.$ZodIssue;

/** The value a schema refused, and what its fields are called. */
export interface Refused {
  readonly value: Json;
  readonly path: Path;
  /** What the value itself is: its unknown fields are looked up there. */
  readonly scope: Scope;
  /** False before expressions are replaced: a value that is one has no type yet. */
  readonly replaced: boolean;
}

/** What a schema refused, as problems; `false` where nothing is left once values that are still expressions are set aside. */
export function reportIssues(issues: readonly Issue[], refused: Refused, findings: Findings): boolean {
  const before = issues.flatMap(deepest);
  const real = before.filter((issue) => refused.replaced || !isDeferred(refused.value, steps(issue)));
  for (const issue of real) if (!findings.full) reportIssue(issue, refused, findings);
  return real.length > 0;
}

/** The first option of a union is the one people mean; its complaint is told where it lies deeper than the union. */
function deepest(issue: Issue): readonly Issue[] {
  if (issue.code !== "invalid_union") return [issue];
  const inner = issue.errors
    .map((option) => option.filter(({ path }) => path.length > 0))
    .find(({ length }) => length > 0);
  if (inner === undefined) return [issue];
  return inner.map((each) => ({ ...each, path: [...issue.path, ...each.path] }));
}

function steps(issue: Issue): Path {
  return issue.path.map((step) => (typeof step === "number" ? step : String(step)));
}

function reportIssue(issue: Issue, refused: Refused, findings: Findings): void {
  const inner = steps(issue);
  const path = [...refused.path, ...inner];
  if (issue.code === "unrecognized_keys") {
    const scope = scopeAt(inner, refused.scope);
    for (const word of issue.keys) unknownWord(word, scope, path, findings);
    return;
  }
  const value = valueAt(refused.value, inner);
  const name = quote(nameOf(findings.places.written(path)));
  if (value === undefined) {
    findings.error("missing-field", path.slice(0, -1), `${name} is missing`, { fix: `add ${quote(exampleOf(inner))}` });
  } else {
    const typed = issue.code === "invalid_type" || issue.message.startsWith("a map") || typeof value === "object";
    const what = `${name} must be ${issue.message}${typed ? `, not ${kindOf(value)}` : ""}`;
    findings.error("bad-value", path, what, fixFor(value, path, issue.message));
  }
}

/** The fields without which there is no DAG, no question, nothing to listen to. */
function exampleOf(path: Path): string {
  if (path.at(-1) === "message") return "message: QUESTION";
  if (path.at(-1) === "subject") return "subject: SUBJECT";
  return path.at(-1) === "dag" ? "dag: NAME" : "tasks: { start: { noop: {} } }";
}

/** The slips that are made most. */
function fixFor(value: Json, path: Path, message: string): Pick<More, "fix" | "instead"> {
  const [top, name] = path;
  if (top === "tasks" && path.length === 1) return { fix: "write a map: `tasks: { NAME: { image: … } }`" };
  if (top === "tasks" && path.length === 2 && CONTAINER_FIELDS.some((field) => field === name)) {
    return { fix: `if ${quote(String(name))} is a field, indent it below the name of its task` };
  }
  const bare = message.startsWith("a duration") && typeof value === "number" && value > 0;
  if (bare) return { fix: `write the unit: ${quote(`${value}s`)} or ${quote(`${value}m`)}` };
  if (value === "upstream_failed") return { fix: "write `failed`: it matches a task whose upstream failed too" };
  if (message === "a list of texts") return { fix: "write a list: `[python, -c]`" };
  if (typeof value === "string" && /^\d+$/.test(value) && message.startsWith("a whole number"))
    return { fix: `write it without quotes: ${quote(value)}` };
  if (path.at(-2) === "env" && typeof value === "string") return { fix: "write a map: `env: { KEY: text }`" };
  if (path.at(-1) === "apiVersion") return { fix: "write `slipway.dev/v1`, or leave `apiVersion` out" };
  if (message.startsWith("a map from name to a default"))
    return { fix: "write a map: `{ NAME: default }`, or `{ NAME: { type: string } }`" };
  return valueFix(path, value);
}

function nameOf(path: Path): string {
  const at = path.findLastIndex((step) => typeof step === "string");
  const positions = path.slice(at + 1).map((step) => `[${step}]`);
  return `${String(path[at] ?? "the document")}${positions.join("")}`;
}

function valueAt(value: Json, path: Path): Json | undefined {
  let here: Json | undefined = value;
  for (const step of path) {
    here = Array.isArray(here) ? here[Number(step)] : isJsonObject(here) ? own(here, String(step)) : undefined;
  }
  return here;
}

const SCOPES: readonly Scope[] = [
  ...(["retries", "timeout", "exitCodes", "cleanup", "pool", "schedule"] as const),
  ...(["noop", "approve", "wait", "event", "metadata"] as const),
];

function scopeAt(path: Path, outer: Scope): Scope {
  const last = path.at(-1);
  return SCOPES.find((scope) => scope === last) ?? outer;
}
