import { RE2JS } from "re2js";
import { isJsonObject, type Json, type JsonObject, utf8Length } from "../json.ts";
import { own } from "../strategic-merge.ts";
import type { Findings } from "./findings.ts";
import { LIMITS } from "./limits.ts";
import type { Path } from "./path.ts";
import { quote } from "./say.ts";
import { typeNames } from "./schema-types.ts";
import { valueFix } from "./value-words.ts";

type Keyword = readonly [phrase: string, fits: (value: Json) => boolean];

const anything: Keyword = ["anything", () => true];
const aText: Keyword = ["text", (value) => typeof value === "string"];
const aNumber: Keyword = ["a number", (value) => typeof value === "number"];
const aCount: Keyword = ["a whole number from 0 on", (value) => Number.isInteger(value) && Number(value) >= 0];
const aList: Keyword = ["a list", (value) => Array.isArray(value)];

/** The keywords of JSON Schema 2020-12 that a param may use, and what their own value must be. */
const KEYWORDS: ReadonlyMap<string, Keyword> = new Map([
  ["type", ["string, integer, number, boolean, array, object or null", (value) => typeNames(value).length > 0]],
  ["enum", aList],
  ["const", anything],
  ["default", anything],
  ["title", aText],
  ["description", aText],
  ["examples", aList],
  ["minimum", aNumber],
  ["maximum", aNumber],
  ["exclusiveMinimum", aNumber],
  ["exclusiveMaximum", aNumber],
  ["multipleOf", ["a number above 0", (value) => typeof value === "number" && value > 0]],
  ["minLength", aCount],
  ["maxLength", aCount],
  ["pattern", aText],
  ["minItems", aCount],
  ["maxItems", aCount],
  ["uniqueItems", ["true or false", (value) => typeof value === "boolean"]],
  ["items", ["a JSON Schema", isJsonObject]],
  ["properties", ["a map of JSON Schemas", (value) => isJsonObject(value) && Object.values(value).every(isJsonObject)]],
  ["required", ["a list of names", (value) => Array.isArray(value) && value.every((name) => typeof name === "string")]],
  [
    "additionalProperties",
    ["true, false or a JSON Schema", (value) => typeof value === "boolean" || isJsonObject(value)],
  ],
]);

/** Keywords of JSON Schema that are not checked here; ignoring one would accept what the DAG's author excluded. */
const LATER: ReadonlySet<string> = new Set(
  (
    "$ref $defs allOf anyOf oneOf not if then else format patternProperties prefixItems contains minContains maxContains " +
    "minProperties maxProperties propertyNames dependentRequired"
  ).split(" "),
);

/** Tells everything in the schema of a param that could not be checked later. */
export function checkSchema(schema: JsonObject, path: Path, findings: Findings): void {
  const { default: _value, ...rest } = schema;
  if (utf8Length(JSON.stringify(rest)) > LIMITS.schemaBytes) {
    findings.error("too-large", path, `the schema has more than ${LIMITS.schemaBytes / 1024} KB`, { at: "key" });
  } else checkKeywords(schema, path, findings);
}

function checkKeywords(schema: JsonObject, path: Path, findings: Findings): void {
  for (const [word, value] of Object.entries(schema)) {
    const here = [...path, word];
    const [phrase, fits] = KEYWORDS.get(word) ?? [];
    if (fits === undefined) unknownKeyword(word, here, findings);
    else if (!fits(value)) findings.error("bad-value", here, `${quote(word)} must be ${phrase}`, valueFix(here, value));
    else if (word === "pattern" && typeof value === "string") checkPattern(value, here, findings);
  }
  for (const [inner, at] of innerSchemas(schema, path)) checkKeywords(inner, at, findings);
}

function unknownKeyword(word: string, path: Path, findings: Findings): void {
  if (LATER.has(word)) {
    findings.error("not-yet", path, `${quote(word)} is JSON Schema, but this version does not check it yet`, {
      at: "key",
    });
    return;
  }
  const near = findings.suggest(word, KEYWORDS.keys());
  const map = "a map is read as a JSON Schema; for a map as the value write `{ type: object, default: { … } }`";
  const fix = near === undefined ? map : `did you mean ${quote(near)}?`;
  findings.error("unknown-field", path, `${quote(word)} is not a keyword of JSON Schema`, { at: "key", fix });
}

function checkPattern(pattern: string, path: Path, findings: Findings): void {
  const fix =
    "patterns are RE2's: no look-around, no back-references; keep them short and their counts (`{0,61}`) small";
  const wrong = whyNoPattern(pattern);
  if (wrong !== undefined) findings.error("bad-value", path, `\`pattern\` ${wrong}`, { fix });
}

/** The time a pattern takes grows with its own length times its counts. */
function whyNoPattern(pattern: string): string | undefined {
  if (pattern.length > LIMITS.patternCharacters) return `is longer than ${LIMITS.patternCharacters} characters`;
  const counts = [...pattern.matchAll(/\{(\d*),?(\d*)\}/g)].map(([, low, high]) => Math.max(Number(low), Number(high)));
  const states =
    pattern.length *
    Math.max(
      1,
      counts.reduce((sum, count) => sum + count, 0),
    );
  if (states > LIMITS.patternStates) return "counts too high for its length";
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
