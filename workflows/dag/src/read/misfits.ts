import { RE2JS } from "re2js";
import { canonicalJson, isJsonObject, type Json, type JsonObject } from "../json.ts";
import { own } from "../strategic-merge.ts";
import { LIMITS } from "./limits.ts";
import { type Path, renderPath } from "./path.ts";
import { kindOf, listed, quote } from "./say.ts";
import { isOfType, TYPES, typeNames } from "./schema-types.ts";

/** Checks values against schemas that have passed `checkSchema`; one for each document or run, since its work is bounded. */
export class Validator {
  readonly #choices = new Map<JsonObject, ReadonlySet<string>>();
  readonly #patterns = new Map<string, RE2JS>();
  #matched = 0;

  /** What does not fit: sentences that say what was allowed, never the value itself, which may be a secret. At most 20. */
  misfits(value: Json, schema: JsonObject): readonly string[] {
    const found: string[] = [];
    this.#visit(value, schema, [], found);
    return found;
  }

  #visit(value: Json, schema: JsonObject, path: Path, found: string[]): void {
    if (found.length >= LIMITS.problems) return;
    const name = path.length === 0 ? "" : `${quote(renderPath(path))} `;
    const types = typeNames(own(schema, "type"));
    if (types.length > 0 && !types.some((type) => isOfType(value, type))) {
      found.push(`${name}must be ${types.map((type) => TYPES[type]).join(" or ")}, not ${kindOf(value)}`);
      return;
    }
    const rules = [this.#choice(value, schema), ...bounds(value, schema), ...this.#text(value, schema)];
    for (const text of [...rules, ...listRules(value, schema), ...fieldRules(value, schema)]) {
      if (text !== undefined) found.push(`${name}${text}`);
    }
    for (const [inner, at, of] of innerValues(value, schema)) this.#visit(inner, of, [...path, at], found);
  }

  #choice(value: Json, schema: JsonObject): string | undefined {
    const fixed = own(schema, "const");
    const allowed = fixed === undefined ? own(schema, "enum") : [fixed];
    if (!Array.isArray(allowed)) return undefined;
    const known = this.#choices.get(schema) ?? new Set(allowed.map((each: Json) => canonicalJson(each)));
    this.#choices.set(schema, known);
    if (known.has(canonicalJson(value))) return undefined;
    const shown = allowed.slice(0, 10).map((each: Json) => (typeof each === "string" ? each : canonicalJson(each)));
    return `must be ${shown.length === 1 ? "" : "one of "}${listed(shown, "or")}${allowed.length > 10 ? " …" : ""}`;
  }

  #text(value: Json, schema: JsonObject): readonly (string | undefined)[] {
    if (typeof value !== "string") return [];
    const characters = Array.from(value).length;
    return [
      against(schema, "minLength", (limit) => characters >= limit, "must have a length of at least"),
      against(schema, "maxLength", (limit) => characters <= limit, "must have a length of at most"),
      this.#pattern(value, own(schema, "pattern")),
    ];
  }

  /** RE2 matches in linear time; what it is given in all is bounded too. */
  #pattern(value: string, pattern: Json | undefined): string | undefined {
    if (typeof pattern !== "string") return undefined;
    this.#matched += value.length;
    if (this.#matched > LIMITS.matchedCharacters) {
      return `is too long for its pattern: at most ${LIMITS.matchedCharacters} characters are matched in all`;
    }
    const compiled = this.#patterns.get(pattern) ?? RE2JS.compile(pattern);
    this.#patterns.set(pattern, compiled);
    return compiled.matcher(value).find() ? undefined : `must match the pattern ${quote(pattern)}`;
  }
}

function bounds(value: Json, schema: JsonObject): readonly (string | undefined)[] {
  if (typeof value !== "number") return [];
  return [
    against(schema, "minimum", (limit) => value >= limit, "must be at least"),
    against(schema, "maximum", (limit) => value <= limit, "must be at most"),
    against(schema, "exclusiveMinimum", (limit) => value > limit, "must be more than"),
    against(schema, "exclusiveMaximum", (limit) => value < limit, "must be less than"),
    against(schema, "multipleOf", (step) => isMultiple(value, step), "must be a multiple of"),
  ];
}

/** 0.3 is a multiple of 0.1, though their quotient in binary is not whole. */
function isMultiple(value: number, step: number): boolean {
  return Number.isInteger(Number((value / step).toPrecision(12)));
}

function listRules(value: Json, schema: JsonObject): readonly (string | undefined)[] {
  if (!Array.isArray(value)) return [];
  const count = value.length;
  const unique =
    own(schema, "uniqueItems") !== true || new Set(value.map((each: Json) => canonicalJson(each))).size === count;
  return [
    against(schema, "minItems", (limit) => count >= limit, "must have a number of elements of at least"),
    against(schema, "maxItems", (limit) => count <= limit, "must have a number of elements of at most"),
    unique ? undefined : "must not have an element twice",
  ];
}

function fieldRules(value: Json, schema: JsonObject): readonly string[] {
  const required = own(schema, "required");
  if (!isJsonObject(value)) return [];
  const missing = Array.isArray(required) ? required.filter((name) => !Object.hasOwn(value, String(name))) : [];
  const closed = own(schema, "additionalProperties") === false;
  const extra = closed ? Object.keys(value).filter((name) => !Object.hasOwn(properties(schema), name)) : [];
  return [
    ...missing.map((name) => `misses ${quote(String(name))}`),
    ...extra.map((name) => `has ${quote(name)}, which is not declared`),
  ].slice(0, LIMITS.problems);
}

function properties(schema: JsonObject): JsonObject {
  const declared = own(schema, "properties");
  return isJsonObject(declared) ? declared : {};
}

/** The values inside a value that have a schema of their own. */
function innerValues(value: Json, schema: JsonObject): readonly (readonly [Json, string | number, JsonObject])[] {
  const items = own(schema, "items");
  if (Array.isArray(value)) {
    return isJsonObject(items) ? value.map((each: Json, at: number) => [each, at, items] as const) : [];
  }
  if (!isJsonObject(value)) return [];
  const others = own(schema, "additionalProperties");
  return Object.entries(value).flatMap(([name, field]) => {
    const inner = own(properties(schema), name) ?? others;
    return isJsonObject(inner) ? [[field, name, inner] as const] : [];
  });
}

function against(
  schema: JsonObject,
  word: string,
  holds: (limit: number) => boolean,
  text: string,
): string | undefined {
  const limit = own(schema, word);
  return typeof limit !== "number" || holds(limit) ? undefined : `${text} ${limit}`;
}
