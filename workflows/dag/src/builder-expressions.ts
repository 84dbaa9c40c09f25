import type { Expression, Expressions } from "./builder-words.ts";
import { DATES, EVENT_FIELDS, OUTCOME_FIELDS, RUN_FIELDS } from "./cel/environment.ts";
import { isJsonObject, type Json } from "./json.ts";
import { splitTemplate } from "./read/template.ts";

/** An expression for each name that is declared. */
export function expressions<T extends Readonly<Record<string, unknown>>>(
  declared: T | undefined,
  source: (name: string) => string,
): Expressions<T>;
export function expressions(declared: Readonly<Record<string, unknown>> = {}, source: (name: string) => string) {
  return Object.fromEntries(Object.keys(declared).map((name) => [name, `\${{ ${source(name)} }}`]));
}

/** Expressions for the run itself; `state` and `failures` are known under the DAG's `finally` alone. */
export const run = expressions(RUN_FIELDS, (field) => `run.${field}`);

/** Dates of the run: text, and times. */
export const { ds, ds_nodash, ts, logical_date, data_interval_start, data_interval_end } = expressions(
  DATES,
  (name) => name,
);

/** The number of this try, from 1, and how the one before ended, or null. */
export const attempt: Expression = "${{ attempt }}";
export const previous: Expression = "${{ previous }}";

/** In `retries.if`, for `cel`: how the try ended. */
export const outcome = expressions(OUTCOME_FIELDS, (field) => `outcome.${field}`);

/** In `wait.event.if`, for `cel`: the message. */
export const event = expressions(EVENT_FIELDS, (field) => `event.${field}`);

/** In a task with `forEach`: the element (of a map of lists one field of it), and its position. */
export const item: Expression = "${{ item }}";
export const index: Expression = "${{ index }}";
export function itemField(name: string): Expression {
  return `\${{ item.${name} }}`;
}

/** A condition over expressions and values: cel`${load.outputs.rows} > ${10}` is `tasks["load"].outputs.rows > 10`. */
export function cel(parts: TemplateStringsArray, ...values: readonly Json[]): string {
  return parts.map((part, at) => `${part}${at < values.length ? celOf(values[at] ?? null) : ""}`).join("");
}

/** The same as a value in a text or of a field: value`sum(${load.outputs.rows})` is `${{ sum(tasks["load"].outputs.rows) }}`. */
export function value(parts: TemplateStringsArray, ...values: readonly Json[]): Expression {
  return `\${{ ${cel(parts, ...values)} }}`;
}

/** Expressions in it, at any depth, are what they say, in CEL. */
function celOf(value: Json): string {
  if (typeof value === "string") return celOfText(value);
  if (Array.isArray(value)) return `[${value.map(celOf).join(", ")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  // The space: `}}` would end the expression around it.
  return `{${Object.entries(value)
    .map(([name, field]) => `${JSON.stringify(name)}: ${celOf(field)}`)
    .join(", ")} }`;
}

/** A text around expressions is a sum of texts. */
function celOfText(text: string): string {
  const parts = splitTemplate(text);
  const [first] = parts ?? [];
  if (parts === undefined || first === undefined) return JSON.stringify(text);
  if (parts.length > 1)
    return `(${parts.map((part) => (part.kind === "text" ? JSON.stringify(part.text) : `string(${part.source})`)).join(" + ")})`;
  if (first.kind === "text") return JSON.stringify(first.text);
  return /^[\w.[\]"-]+$/.test(first.source) ? first.source : `(${first.source})`;
}
