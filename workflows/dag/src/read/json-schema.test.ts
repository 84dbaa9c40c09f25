import { readdirSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import type { Json, JsonObject } from "../json.ts";
import { told } from "./compiled-task.ts";
import { readDagJson } from "./dag-file.ts";
import { FIELDS } from "./field-docs.ts";
import { dagJsonSchema } from "./json-schema.ts";
import { CONTAINER_FIELDS } from "./kubernetes-fields.ts";
import { GROUP_WORDS } from "./task-kind.ts";
import { KNOWN } from "./unknown-words.ts";
import { NOT_YET, type Scope } from "./words.ts";

const ROOT = new URL("../../../../", import.meta.url);
const SCOPES = [
  ...(["dag", "task", "defaults", "template", "retries", "timeout", "exitCodes", "cleanup", "pool"] as const),
  ...(["schedule", "noop", "approve", "wait", "event", "metadata"] as const),
];
const validate = new Ajv({ allErrors: true, strict: true, strictTypes: false, allowUnionTypes: true }).compile(
  dagJsonSchema(),
);

/** What the schema has against a DAG. */
function misfits(dag: unknown): readonly string[] {
  validate(dag);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const isGroupWord = (word: string) => GROUP_WORDS.some((each) => each === word);

const isBare = (word: string) => ["noop", "approve", "wait"].some((kind) => word.startsWith(kind));

/** A DAG in which the field of an object of the scope has the value. */
function withField(scope: Scope, word: string, value: Json): JsonObject {
  const needs: Readonly<Record<string, JsonObject>> = {
    rule: { after: ["other"] },
    with: { use: "worker" },
    key: { forEach: [1] },
  };
  const tasks = { other: { noop: {} } };
  const templates = { worker: { params: { verb: "x" }, image: "x" } };
  const layer = { image: "x", [word]: value, ...(Object.hasOwn(needs, word) ? needs[word] : {}) };
  const held = { [word]: value };
  const group = { tasks: { x: { image: "x" } }, [word]: value };
  const base = { dag: "d", templates, params: { source: "s" } };
  switch (scope) {
    case "dag":
      return { ...base, tasks, ...(word === "templates" ? { tasks } : {}), [word]: value };
    case "defaults":
      return { ...base, tasks, defaults: { [word]: value } };
    case "template":
      return { ...base, tasks, templates: { worker: { [word]: value } } };
    case "schedule":
      return { ...base, tasks, schedule: { [word]: value } };
    case "task":
      return { ...base, tasks: { ...tasks, a: isBare(word) ? held : isGroupWord(word) ? group : layer } };
    case "approve":
      return { ...base, tasks: { a: { approve: { message: "Go?", [word]: value } } } };
    case "wait":
      return { ...base, tasks: { a: { wait: { [word]: value } } } };
    case "event":
      return { ...base, tasks: { a: { wait: { event: { subject: "x", [word]: value } } } } };
    default:
      return { ...base, tasks: { ...tasks, a: { image: "x", [scope]: { [word]: value } } } };
  }
}

test("json schema - the published one is this (vitest -u writes it anew)", async () => {
  const text = `${JSON.stringify(dagJsonSchema(), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot("../../../../docs/reference/dag.schema.json");
});

test.each(SCOPES)(
  "json schema - every field of %s that lint knows is described (field-docs.ts), and no other",
  (scope) => {
    const own = KNOWN[scope].filter((word) => !CONTAINER_FIELDS.includes(word) || Object.hasOwn(FIELDS[scope], word));
    expect(Object.keys(FIELDS[scope]).toSorted()).toEqual(own.toSorted());
  },
);

const DESCRIBED = SCOPES.flatMap((scope) =>
  Object.entries(FIELDS[scope]).map(([word, { example }]) => [scope, word, example] as const),
);

test.each(DESCRIBED)("json schema - the example of %s %s passes lint and the schema", (scope, word, example) => {
  const dag = withField(scope, word, example);
  expect(told(readDagJson(dag))).toBe("ok");
  expect(misfits(dag)).toEqual([]);
});

test.each(DESCRIBED)("json schema - a slip in %s %s is seen", (scope, word, example) => {
  const slip = withField(scope, `${word}X`, example);
  expect(misfits(slip).join()).toContain("must NOT have additional properties");
});

test.each(SCOPES.flatMap((scope) => NOT_YET[scope].map((word) => [scope, word] as const)))(
  "json schema - %s %s is marked as not yet",
  (scope, word) => {
    expect(misfits(withField(scope, word, {}))).not.toEqual([]);
  },
);

test("json schema - what lint refuses by its type, the schema refuses; expressions and null pass where they may stand", () => {
  const a = (task: JsonObject) => misfits({ dag: "d", tasks: { a: { image: "x", ...task } } });
  expect(a({ timeout: "1 hour" })).not.toEqual([]);
  expect(a({ retries: "many" })).not.toEqual([]);
  expect(a({ after: { b: "upstream_failed" } })).not.toEqual([]);
  expect(a({ rule: "all_fine" })).not.toEqual([]);
  expect(a({ timeout: "${{ params.t }}", retries: { limit: "${{ params.n }}" }, cleanup: null })).toEqual([]);
  expect(a({ pod: { volumes: "none" } })).toEqual([]);
  expect(a({ pod: { tolerations: [{ key: "gpu" }], newerField: 1 } })).toEqual([]);
});

test("json schema - every example in the repository passes", () => {
  const files = readdirSync(new URL("examples/", ROOT), { recursive: true, encoding: "utf8" });
  const dags = files.filter((name) => name.endsWith("dag.yaml"));
  expect(dags.length).toBeGreaterThan(1);
  for (const name of dags)
    for (const document of parseAllDocuments(readFileSync(new URL(`examples/${name}`, ROOT), "utf8")))
      expect([name, misfits(document.toJS())]).toEqual([name, []]);
});

test("json schema - every word of the tables in docs/reference/dag-file.md is described", () => {
  const page = readFileSync(new URL("docs/reference/dag-file.md", ROOT), "utf8");
  const rows = page.slice(0, page.indexOf("Durations are")).matchAll(/^\| (`[^|]+) \|/gm);
  const words = [...rows].flatMap(([, cell = ""]) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word));
  const fields = words.filter((word) => /^[A-Za-z.]+$/.test(word));
  expect(fields).toContain("retries.disruptions");
  const unknown = fields.filter((word) => {
    const [scope, field] = word.includes(".") ? word.split(".") : [undefined, word];
    const scopes = SCOPES.filter((each) => scope === undefined || each === scope);
    return !scopes.some((each) => KNOWN[each].includes(field ?? ""));
  });
  expect(unknown).toEqual([]);
});
