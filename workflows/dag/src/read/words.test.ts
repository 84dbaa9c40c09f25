import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Problem } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { readDagJson } from "./dag-file.ts";
import { PEERS } from "./peers.ts";
import { GRAPH_WORDS, NOT_YET, NOT_YET_WORDS, type Scope } from "./words.ts";

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
    case "event":
      return { dag: "d", tasks: { a: { wait: { event: { subject: "x", ...field } } } } };
    case "approve":
      return { dag: "d", tasks: { a: { approve: { message: "Go?", ...field } } } };
    case "wait":
      return { dag: "d", tasks: { a: { wait: { for: "1s", ...field } } } };
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

const SCOPES = [
  "dag",
  "task",
  "defaults",
  "retries",
  "timeout",
  "schedule",
  "noop",
  "approve",
  "wait",
  "event",
  "metadata",
] as const;
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

/** Right words in the wrong place, and other spellings of Kubernetes'. */
test.each([
  ["dag", "retries", "`retries` belongs to tasks: write `defaults: { retries: … }` for all of them"],
  ["dag", "image", "`image` belongs to tasks: write `defaults: { image: … }` for all of them"],
  ["dag", "after", "`after` belongs to a task: write `tasks: { NAME: { after: … } }`"],
  ["dag", "serviceAccountName", "write `defaults: { pod: { serviceAccountName: … } }`"],
  ["dag", "trigger_rule", "`rule: all_done`; it stands in a task, or under `defaults`"],
  ["task", "params", "`params` belongs to the DAG: write it at the top of the file"],
  ["task", "default_args", "`defaults: { retries: 1 }`; it stands at the top of the file"],
  ["task", "limit", "write `retries: { limit: … }`"],
  ["task", "skip", "write `exitCodes: { skip: … }`"],
  ["task", "limits", "write `resources: { limits: … }`"],
  ["task", "init_containers", "write `pod: { initContainers: … }`"],
  ["task", "serviceAccount_name", "write `pod: { serviceAccountName: … }`"],
  ["retries", "timeout", "`timeout` stands in the task, beside `retries`"],
] as const)("a wrong place - %s %s is told its place", (scope, word, fix) => {
  expect(problemsOf(withField(scope, word))[0]?.fix).toContain(fix);
});

test.each([
  [{ after: { b: "Succeeded" } }, "write `succeeded`"],
  [{ after: { b: "success" } }, "write `succeeded`"],
  [{ after: { b: ["Error"] } }, "write `failed`"],
  [{ after: "b", rule: "ALL_DONE" }, "write `all_done`"],
  [{ after: "b", rule: "all_done_setup_success" }, "put the task under `finally`"],
  [{ cleanup: "delete_succeeded_pod" }, "write `onSuccess`"],
  [{ retries: "3" }, "write it without quotes: `3`"],
  [{ env: ["A=b"] }, "write a map: `env: { KEY: text }`"],
  [{ outputs: { n: { type: "int" } } }, "write `integer`"],
  [{ env: { A: { secret: { name: "a" } } } }, "did you mean `secretKeyRef`?"],
  [{ resources: { memory: "1Gi" } }, "did you mean `limits: { memory: … }`?"],
])("a value - %j: %s", (words, fix) => {
  const tasks = { a: { image: "x", ...words }, b: { image: "x" } };
  expect(problemsOf({ dag: "d", tasks })[0]?.fix).toContain(fix);
});

test.each([
  ["10m", "write `every 10m`"],
  ["Hourly", 'write `"@hourly"`'],
])("a schedule - %s: %s", (schedule, fix) => {
  expect(problemsOf({ dag: "d", schedule, tasks: { a: { image: "x" } } })[0]?.fix).toBe(fix);
});
