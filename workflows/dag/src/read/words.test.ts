import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Problem } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { readDagJson } from "./dag-file.ts";
import { GRAPH_WORDS, NOT_YET, NOT_YET_WORDS, PEERS, type Scope } from "./words.ts";

/** A DAG with a field in an object of the scope. */
function withField(scope: Scope, word: string): JsonObject {
  const field = { [word]: {} };
  const task = { image: "x" };
  switch (scope) {
    case "dag":
      return { dag: "d", tasks: { a: task }, ...field };
    case "defaults":
      return { dag: "d", defaults: field, tasks: { a: task } };
    case "schedule":
      return { dag: "d", schedule: field, tasks: { a: task } };
    case "noop":
      return { dag: "d", tasks: { a: { noop: field } } };
    case "task":
      return { dag: "d", tasks: { a: { ...task, ...field } } };
    default:
      return { dag: "d", tasks: { a: { ...task, [scope]: field } } };
  }
}

function problemsOf(dag: JsonObject): readonly Problem[] {
  const read = readDagJson(dag);
  return read.kind === "ok" ? [] : read.problems;
}

const SCOPES = ["dag", "task", "defaults", "retries", "timeout", "schedule", "noop", "metadata"] as const;
const LATER = SCOPES.flatMap((scope) => NOT_YET[scope].map((word) => [scope, word] as const));

test.each(LATER)("not yet - %s %s is recognised", (scope, word) => {
  expect(problemsOf(withField(scope, word))).toMatchObject([{ code: "not-yet" }]);
});

test("not yet - the reference lists exactly these words", () => {
  const text = readFileSync(new URL("../../../../docs/reference/dag-file.md", import.meta.url), "utf8");
  const table = text.slice(text.indexOf("## Not yet"));
  const words = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, word]) => word);
  expect(words).toEqual(NOT_YET_WORDS);
});

const THEIRS = SCOPES.flatMap((scope) => [...PEERS[scope]].map(([word, fix]) => [scope, word, fix] as const));

test.each(THEIRS)("other tools - %s %s is answered with its place here", (scope, word, fix) => {
  expect(problemsOf(withField(scope, word))).toMatchObject([{ code: "unknown-field", fix }]);
});

test.each([...GRAPH_WORDS])("defaults - the graph word %s has no place in them", (word) => {
  expect(problemsOf(withField("defaults", word))).toMatchObject([
    { code: "unknown-field", where: { path: `defaults.${word}` } },
  ]);
});

test.each([
  ["dag", "task", "tasks"],
  ["dag", "defualts", "defaults"],
  ["dag", "finaly", "finally"],
  ["task", "imgae", "image"],
  ["task", "Image", "image"],
  ["task", "image_pull_policy", "imagePullPolicy"],
  ["task", "volumeMount", "volumeMounts"],
  ["task", "retires", "retries"],
  ["retries", "limits", "limit"],
  ["timeout", "atempt", "attempt"],
  ["metadata", "label", "labels"],
] as const)("a slip - %s %s: did you mean %s", (scope, word, meant) => {
  expect(problemsOf(withField(scope, word))).toMatchObject([
    { code: "unknown-field", fix: `did you mean \`${meant}\`?` },
  ]);
});

test("a slip - a word like none gets no suggestion", () => {
  expect(problemsOf(withField("task", "zzzzzzzz"))[0]?.fix).not.toContain("did you mean");
});
