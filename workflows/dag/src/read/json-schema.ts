import { RE2JS } from "re2js";
import { canonicalJson, isJsonObject, type Json, type JsonObject } from "../json.ts";
import { own } from "../strategic-merge.ts";
import type { Findings } from "./findings.ts";
import { LIMITS } from "./limits.ts";
import { type Path, renderPath } from "./path.ts";
import { kindOf, listed, quote } from "./say.ts";
import { suggest } from "./suggest.ts";

/** The types of JSON Schema, and what a message calls them. */
const TYPES = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  null: "null",
} as const;
type TypeName = keyof typeof TYPES;

const isText = (value: Json): boolean => typeof value === "string";
const isCount = (value: Json): boolean => typeof value === "number" && Number.isInteger(value) && value >= 0;
const isNumber = (value: Json): boolean => typeof value === "number";
const isList = (value: Json): boolean => Array.isArray(value);
const isNameList = (value: Json): boolean => Array.isArray(value) && value.every(isText);
const anything = (): boolean => true;

/** The keywords of JSON Schema 2020-12 that a param may use, and what their own value must be. */
const KEYWORDS: ReadonlyMap<string, (value: Json) => boolean> = new Map([
  ["type", (value) => typeNames(value).length > 0],
  ["enum", isList],
  ["const", anything],
  ["default", anything],
  ["title", isText],
  ["description", isText],
  ["examples", isList],
  ["minimum", isNumber],
  ["maximum", isNumber],
  ["exclusiveMinimum", isNumber],
  ["exclusiveMaximum", isNumber],
  ["multipleOf", (value) => typeof value === "number" && value > 0],
  ["minLength", isCount],
  ["maxLength", isCount],
  ["pattern", isText],
  ["minItems", isCount],
  ["maxItems", isCount],
  ["uniqueItems", (value) => typeof value === "boolean"],
  ["items", isJsonObject],
  ["properties", (value) => isJsonObject(value) && Object.values(value).every(isJsonObject)],
  ["required", isNameList],
  ["additionalProperties", (value) => typeof value === "boolean" || isJsonObject(value)],
]);

/** Keywords of JSON Schema that are not checked here; ignoring one would accept what the DAG's author excluded. */
const LATER: ReadonlySet<string> = new Set(
  (
    "$ref $defs allOf anyOf oneOf not if then else format patternProperties prefixItems contains minContains maxContains " +
    "minProperties maxProperties propertyNames dependentRequired"
  ).split(" "),
);

/** Tells everything in a schema that could not be checked later. */
export function checkSchema(schema: JsonObject, path: Path, findings: Findings): void {
  for (const [word, value] of Object.entries(schema)) {
    const here = [...path, word];
    const fits = KEYWORDS.get(word);
    if (fits === undefined) unknownKeyword(word, here, findings);
    else if (!fits(value))
      findings.error("bad-value", here, `${quote(word)} has a value that JSON Schema does not give it`);
    else if (word === "pattern" && typeof value === "string") checkPattern(value, here, findings);
  }
  for (const [inner, at] of innerSchemas(schema, path)) checkSchema(inner, at, findings);
}

function unknownKeyword(word: string, path: Path, findings: Findings): void {
  if (LATER.has(word)) {
    findings.error("not-yet", path, `${quote(word)} is JSON Schema, but this version does not check it yet`, {
      at: "key",
    });
    return;
  }
  const near = suggest(word, KEYWORDS.keys());
  const map = "a map is read as a JSON Schema; for a map as the value write `{ type: object, default: { … } }`";
  const fix = near === undefined ? map : `did you mean ${quote(near)}?`;
  findings.error("unknown-field", path, `${quote(word)} is not a keyword of JSON Schema`, { at: "key", fix });
}

function checkPattern(pattern: string, path: Path, findings: Findings): void {
  const what =
    pattern.length > LIMITS.patternCharacters
      ? `is longer than ${LIMITS.patternCharacters} characters`
      : whyNot(pattern);
  if (what === undefined) return;
  findings.error("bad-value", path, `\`pattern\` ${what}`, {
    fix: "patterns are RE2's: no look-around, no back-references",
  });
}

function whyNot(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch {
    return "is not a regular expression of RE2";
  }
}

function innerSchemas(schema: JsonObject, path: Path): readonly (readonly [JsonObject, Path])[] {
  const properties = own(schema, "properties");
  const fields = isJsonObject(properties) ? Object.entries(properties) : [];
  const found = [
    ...fields.map(([name, inner]) => [inner, [...path, "properties", name]] as const),
    ...["items", "additionalProperties"].map((word) => [own(schema, word), [...path, word]] as const),
  ];
  return found.flatMap(([inner, at]) => (isJsonObject(inner) ? [[inner, at] as const] : []));
}

/** The types a schema allows; empty where it names none that exist. */
export function typeNames(type: Json | undefined): readonly TypeName[] {
  const named: readonly Json[] = Array.isArray(type) ? type : type === undefined ? [] : [type];
  const known = named.flatMap((name) => (isTypeName(name) ? [name] : []));
  return known.length === named.length ? known : [];
}

function isTypeName(name: Json): name is TypeName {
  return typeof name === "string" && Object.hasOwn(TYPES, name);
}

function isOfType(value: Json, type: TypeName): boolean {
  switch (type) {
    case "integer":
      return Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return isJsonObject(value);
    case "null":
      return value === null;
    default:
      return typeof value === type;
  }
}

/**
 * What about a value does not fit its schema: sentences that say what was allowed, never the value itself.
 * The schema has passed `checkSchema`. Patterns match in linear time.
 */
export function misfits(value: Json, schema: JsonObject, path: Path = []): readonly string[] {
  const name = path.length === 0 ? "" : `${quote(renderPath(path))} `;
  const types = typeNames(own(schema, "type"));
  if (types.length > 0 && !types.some((type) => isOfType(value, type))) {
    return [`${name}must be ${types.map((type) => TYPES[type]).join(" or ")}, not ${kindOf(value)}`];
  }
  return [...ownMisfits(value, schema).map((text) => `${name}${text}`), ...innerMisfits(value, schema, path)];
}

function ownMisfits(value: Json, schema: JsonObject): readonly string[] {
  const rules = [
    choice(value, schema),
    ...bounds(value, schema),
    ...lengths(value, schema),
    ...listRules(value, schema),
  ];
  return rules.filter((text) => text !== undefined);
}

function choice(value: Json, schema: JsonObject): string | undefined {
  const fixed = own(schema, "const");
  const allowed = fixed === undefined ? own(schema, "enum") : [fixed];
  if (!Array.isArray(allowed)) return undefined;
  const texts = allowed.map((each: Json) => canonicalJson(each));
  if (texts.includes(canonicalJson(value))) return undefined;
  const shown = allowed.slice(0, 10).map((each: Json) => (typeof each === "string" ? each : canonicalJson(each)));
  return `must be ${shown.length === 1 ? "" : "one of "}${listed(shown, "or")}${allowed.length > 10 ? " …" : ""}`;
}

function bounds(value: Json, schema: JsonObject): readonly (string | undefined)[] {
  if (typeof value !== "number") return [];
  return [
    against(schema, "minimum", (limit) => value >= limit, "must be at least"),
    against(schema, "maximum", (limit) => value <= limit, "must be at most"),
    against(schema, "exclusiveMinimum", (limit) => value > limit, "must be more than"),
    against(schema, "exclusiveMaximum", (limit) => value < limit, "must be less than"),
    against(
      schema,
      "multipleOf",
      (step) => Number.isInteger(Number((value / step).toPrecision(12))),
      "must be a multiple of",
    ),
  ];
}

function lengths(value: Json, schema: JsonObject): readonly (string | undefined)[] {
  if (typeof value !== "string") return [];
  const characters = Array.from(value).length;
  const pattern = own(schema, "pattern");
  return [
    against(schema, "minLength", (limit) => characters >= limit, "must have a length of at least"),
    against(schema, "maxLength", (limit) => characters <= limit, "must have a length of at most"),
    typeof pattern !== "string" || RE2JS.compile(pattern).matcher(value).find()
      ? undefined
      : `must match the pattern ${quote(pattern)}`,
  ];
}

function listRules(value: Json, schema: JsonObject): readonly (string | undefined)[] {
  if (!Array.isArray(value)) return [];
  const count = value.length;
  const repeats =
    own(schema, "uniqueItems") === true && new Set(value.map((each: Json) => canonicalJson(each))).size < count;
  return [
    against(schema, "minItems", (limit) => count >= limit, "must have a number of elements of at least"),
    against(schema, "maxItems", (limit) => count <= limit, "must have a number of elements of at most"),
    repeats ? "must not have an element twice" : undefined,
  ];
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

function innerMisfits(value: Json, schema: JsonObject, path: Path): readonly string[] {
  const items = own(schema, "items");
  if (Array.isArray(value)) {
    return isJsonObject(items) ? value.flatMap((each: Json, at: number) => misfits(each, items, [...path, at])) : [];
  }
  return isJsonObject(value) ? fieldMisfits(value, schema, path) : [];
}

function fieldMisfits(value: JsonObject, schema: JsonObject, path: Path): readonly string[] {
  const required = own(schema, "required");
  const properties = own(schema, "properties");
  const known = isJsonObject(properties) ? properties : {};
  const others = own(schema, "additionalProperties");
  const missing = Array.isArray(required) ? required.filter((name) => !Object.hasOwn(value, String(name))) : [];
  return [
    ...missing.map((name) => `misses ${quote(String(name))}`),
    ...Object.entries(value).flatMap(([name, field]) => {
      const inner = own(known, name) ?? others;
      if (inner === false) return [`has ${quote(name)}, which is not declared`];
      return isJsonObject(inner) ? misfits(field, inner, [...path, name]) : [];
    }),
  ];
}
