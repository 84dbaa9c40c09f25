import { expect, test } from "vitest";
import { renderProblem } from "../errors.ts";
import type { Json, JsonObject } from "../json.ts";
import { compileDag } from "./compile.ts";
import { readDagJson } from "./dag-file.ts";

/** What a run of a DAG with these params gets, or what is wrong, as text. */
function resolve(params: JsonObject, given: JsonObject = {}): Json | string {
  const read = readDagJson({ dag: "d", params, tasks: { a: { noop: {} } } });
  const compiled = read.kind === "refused" ? read : compileDag(read.value, given);
  if (compiled.kind === "ok") return compiled.value.params;
  return compiled.problems.map(({ code, what, fix }) => `${code}: ${what} (${fix})`).join("\n");
}

test.each<[string, JsonObject, JsonObject, JsonObject]>([
  ["a default", { s: "x", n: 3, f: 1.5, b: true, l: [1] }, {}, { s: "x", n: 3, f: 1.5, b: true, l: [1] }],
  ["given ones win", { s: "x" }, { s: "y" }, { s: "y" }],
  [
    "text is read as the declared type",
    { n: 3, f: 1.5, b: true, l: [1] },
    { n: "4", f: "2", b: "false", l: "[2]" },
    { n: 4, f: 2, b: false, l: [2] },
  ],
  ["text stays text where text is declared", { s: "x" }, { s: "4" }, { s: "4" }],
  ["a schema without a type takes anything", { any: {} }, { any: "4" }, { any: "4" }],
  ["null where null is declared", { n: { type: ["integer", "null"], default: null } }, {}, { n: null }],
  ["names of JavaScript's own", { constructor: "x" }, {}, { constructor: "x" }],
])("params - %s", (_name, params, given, resolved) => {
  expect(resolve(params, given)).toEqual(resolved);
});

test("params - what does not fit its declaration", () => {
  const params: JsonObject = {
    region: { type: "string", enum: ["eu", "us"] },
    rows: { type: "integer", minimum: 1, maximum: 9 },
    half: { type: "number", multipleOf: 0.5, exclusiveMinimum: 0 },
    name: { type: "string", minLength: 2, maxLength: 3, pattern: "^[a-z]+$" },
    tags: { type: "array", items: { type: "string" }, minItems: 1, maxItems: 2, uniqueItems: true },
    opts: { type: "object", properties: { a: { type: "integer" } }, required: ["b"], additionalProperties: false },
    on: false,
  };
  const bad = { region: "de", rows: 0, half: 0.3, name: "A", tags: ["x", "x", 1], opts: { a: "1", c: 2 }, on: "maybe" };
  expect(resolve(params, bad)).toMatchInlineSnapshot(`
    "bad-param: the param \`region\` must be one of \`eu\` or \`us\` (give a value that fits, or change the declaration under \`params\`)
    bad-param: the param \`rows\` must be at least 1 (give a value that fits, or change the declaration under \`params\`)
    bad-param: the param \`half\` must be a multiple of 0.5 (give a value that fits, or change the declaration under \`params\`)
    bad-param: the param \`name\` must have a length of at least 2 (give a value that fits, or change the declaration under \`params\`)
    bad-param: the param \`name\` must match the pattern \`^[a-z]+$\` (give a value that fits, or change the declaration under \`params\`)
    bad-param: the param \`tags\` must have a number of elements of at most 2 (give a value that fits, or change the declaration under \`params\`)
    bad-param: the param \`tags\` must not have an element twice (give a value that fits, or change the declaration under \`params\`)
    bad-param: the param \`tags\` \`[2]\` must be text, not a number (give a value that fits, or change the declaration under \`params\`)
    bad-param: the param \`opts\` misses \`b\` (give a value that fits, or change the declaration under \`params\`)
    bad-param: the param \`opts\` has \`c\`, which is not declared (give a value that fits, or change the declaration under \`params\`)
    bad-param: the param \`opts\` \`a\` must be a whole number, not text (give a value that fits, or change the declaration under \`params\`)
    bad-param: the param \`on\` must be true or false, not text (give a value that fits, or change the declaration under \`params\`)"
  `);
  const open = { ...params, opts: { type: "object", additionalProperties: { type: "integer" } } };
  const good = { region: "eu", rows: 1, half: 1.5, name: "ab", tags: ["x", "y"], opts: { a: 1, b: 0 }, on: true };
  expect(resolve(open, good)).toEqual(good);
});

test("params - unknown and missing ones", () => {
  expect(resolve({ region: "eu" }, { regoin: "us" })).toMatchInlineSnapshot(
    `"unknown-param: the DAG has no param \`regoin\` (did you mean \`region\`?)"`,
  );
  expect(resolve({}, { x: 1 })).toMatchInlineSnapshot(
    `"unknown-param: the DAG has no param \`x\` (the DAG has no params)"`,
  );
  expect(resolve({ region: { type: "string" } })).toMatchInlineSnapshot(
    `"missing-param: the param \`region\` was not given and has no default (give it: \`-p region=VALUE\`, or \`params: { region: … }\`)"`,
  );
});

test("params - declarations that cannot be checked", () => {
  const of = (params: JsonObject): Json | string => resolve(params);
  expect(of({ "dry-run": true })).toMatchInlineSnapshot(
    `"bad-name: \`dry-run\` is not a name for a param (letters, digits and \`_\`; no digit first; at most 48)"`,
  );
  expect(of({ in: true })).toMatchInlineSnapshot(
    `"bad-name: \`in\` is not a name for a param (it is a reserved word of CEL)"`,
  );
  expect(of({ n: null })).toMatchInlineSnapshot(
    `"bad-value: \`n\` must be a default or a JSON Schema, not empty (null) (see the field reference (docs/reference/dag-file.md))"`,
  );
  expect(of({ n: { type: "int" } })).toMatchInlineSnapshot(
    `"bad-value: \`type\` must be string, integer, number, boolean, array, object or null (write \`integer\`)"`,
  );
  expect(of({ n: { typ: "integer" } })).toMatchInlineSnapshot(
    `"unknown-field: \`typ\` is not a keyword of JSON Schema (did you mean \`type\`?)"`,
  );
  expect(of({ n: { oneOf: [] } })).toMatchInlineSnapshot(
    `"not-yet: \`oneOf\` is JSON Schema, but this version does not check it yet (leave it out for now; docs/reference/dag-file.md lists what runs today)"`,
  );
  expect(of({ n: { eu: 1, us: 2 } })).toMatchInlineSnapshot(`
    "unknown-field: \`eu\` is not a keyword of JSON Schema (a map is read as a JSON Schema; for a map as the value write \`{ type: object, default: { … } }\`)
    unknown-field: \`us\` is not a keyword of JSON Schema (a map is read as a JSON Schema; for a map as the value write \`{ type: object, default: { … } }\`)"
  `);
  expect(of({ n: { type: "integer", default: "x" } })).toMatchInlineSnapshot(
    `"bad-param: the default of \`n\` must be a whole number, not text (change the default or the schema)"`,
  );
  expect(of({ n: { pattern: "(a)\\1" } })).toMatchInlineSnapshot(
    `"bad-value: \`pattern\` is not a regular expression of RE2 (patterns are RE2's: no look-around, no back-references; keep them short and their counts (\`{0,61}\`) small)"`,
  );
  expect(of({ n: { pattern: "(a?){1000}".repeat(10) } })).toMatchInlineSnapshot(
    `"bad-value: \`pattern\` counts too high for its length (patterns are RE2's: no look-around, no back-references; keep them short and their counts (\`{0,61}\`) small)"`,
  );
  expect(of({ n: { enum: Array(4000).fill("x") } })).toMatchInlineSnapshot(
    `"too-large: the schema has more than 8 KB (split the DAG, or keep the data where the pods can read it and pass its address)"`,
  );
  expect(of({ n: "${{ params.m }}" })).toMatchInlineSnapshot(
    `"bad-expression: an expression has no place here (write the value itself)"`,
  );
});

test("params - a pattern that backtracking engines die of takes no time, and its input is bounded", () => {
  const params = { n: { type: "string", pattern: "^(a+)+$" } };
  expect(resolve(params, { n: `${"a".repeat(5000)}!` })).toContain("must match the pattern");
  expect(resolve(params, { n: "a".repeat(10_000) })).toContain("is too long for its pattern");
});

test("params - a value is never in an error", () => {
  const schemas: JsonObject[] = [
    { enum: ["a"] },
    { pattern: "^x$" },
    { type: "integer" },
    { maxLength: 3 },
    { const: "c" },
  ];
  for (const schema of schemas) {
    const read = readDagJson({ dag: "d", params: { token: schema }, tasks: { a: { noop: {} } } });
    if (read.kind === "refused") throw new Error("the declaration is good");
    const compiled = compileDag(read.value, { token: "hunter2" });
    expect(compiled.kind).toBe("refused");
    const text = compiled.kind === "refused" ? compiled.problems.map((each) => renderProblem(each)).join() : "";
    expect(text).not.toContain("hunter2");
  }
});

test("params - one that looks like a secret is warned of", () => {
  const read = readDagJson({ dag: "d", params: { db_password: "", key: "" }, tasks: { a: { noop: {} } } });
  expect(read).toMatchObject({
    kind: "ok",
    warnings: [{ code: "secret-param", where: { path: "params.db_password" } }],
  });
});
