import { expect, test } from "vitest";
import { renderProblem } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { RULES } from "../rules.ts";
import { compileDag } from "./compile.ts";
import { told } from "./compiled-task.ts";
import { readDagJson } from "./dag-file.ts";

const noop = { noop: {} };

function read(tasks: JsonObject) {
  return readDagJson({ dag: "d", tasks });
}
function gate(task: JsonObject) {
  const document = read({ a: noop, b: noop, c: { ...noop, ...task }, end: { ...noop, after: ["a", "b", "c"] } });
  const compiled = document.kind === "ok" ? compileDag(document.value, {}) : document;
  return compiled.kind === "ok" ? compiled.value.tasks.find(({ name }) => name === "c") : told(compiled);
}
const warnings = (tasks: JsonObject): readonly string[] => {
  const document = read(tasks);
  return document.kind === "ok" ? document.warnings.map((each) => renderProblem(each, "warning")) : [told(document)];
};

test.each(RULES.filter((rule) => rule !== "all_success"))("gate - rule %s", (rule) => {
  expect(gate({ after: ["a", "b"], rule })).toMatchObject({ after: ["a", "b"], gate: { kind: "rule", rule } });
});

test("gate - all_success is what is meant where nothing is said", () => {
  expect(gate({ after: "a", rule: "all_success" })).toEqual(gate({ after: ["a"] }));
});

test("gate - each edge of a map accepts one state or several", () => {
  expect(gate({ after: { b: "done", a: ["succeeded", "skipped"] } })).toMatchObject({
    after: ["b", "a"],
    gate: { kind: "edges", edges: [["done"], ["succeeded", "skipped"]] },
  });
});

test.each([
  [{ after: { a: "upstream_failed" } }, "`failed`: it matches a task whose upstream failed too"],
  [{ after: { a: [] } }, "must be one or more of succeeded, failed, skipped and done"],
  [{ after: { a: "done", x: "done" } }, "tasks.c.after.x"],
  [{ after: { c: "done" } }, "the task `c` waits for itself"],
  [{ after: { end: "failed" } }, "in a circle: c → end → c"],
  [{ after: { a: "done" }, rule: "all_done" }, "`rule` and the map form of `after` stand together"],
  [{ after: "a", rule: "all_fine" }, "`rule` must be a trigger rule"],
  [{ after: 3 }, "`after` must be a name, a list of names, or a map from name to states"],
] as const)("gate - %j is refused: %s", (task, text) => {
  expect(gate(task)).toContain(text);
});

test("gate - a rule and edges have no meaning in a task of its own, nor in defaults", () => {
  expect(told(readDagJson({ dag: "d", defaults: { rule: "all_done" }, tasks: { a: noop } }))).toContain(
    "`rule` cannot stand in `defaults`",
  );
});

test("gate - a leaf that runs anyway: the run would be green when what it alone waits for fails", () => {
  const text = "the run will be green when `a` fails";
  expect(warnings({ a: noop, z: { ...noop, after: "a", rule: "all_done" } })[0]).toContain(text);
  expect(warnings({ a: noop, z: { ...noop, after: "a", rule: "always" } })[0]).toContain(text);
  expect(warnings({ a: noop, z: { ...noop, after: { a: "done" } } })[0]).toContain(text);
  expect(warnings({ a: noop, z: { ...noop, after: "a" } })).toEqual([]);
  expect(warnings({ a: noop, b: { ...noop, after: "a" }, z: { ...noop, after: "a", rule: "all_done" } })).toEqual([]);
  const handled = { ...noop, after: "a", rule: "all_done" };
  expect(warnings({ a: noop, m: handled, z: { ...noop, after: "m" } })).toEqual([]);
});
