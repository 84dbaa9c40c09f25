import { expect, test } from "vitest";
import { namedOutputs } from "./named-outputs.ts";

test.each([
  ["tasks.a.outputs.rows + 1", { a: ["rows"] }],
  ['tasks["a b"].outputs["rows"] > tasks.b.outputs.rows', { "a b": ["rows"], b: ["rows"] }],
  ["tasks.a.outputs.list[0].name + tasks.a.outputs.mode", { a: ["list", "mode"] }],
  ["tasks.a.outputs.list.map(x, x + tasks.b.outputs.n)", { a: ["list"], b: ["n"] }],
  ["tasks.a.outputs[params.which]", { a: "all" }],
  ["size(tasks.a.outputs) + tasks.a.outputs.n", { a: "all" }],
  ["tasks.a == null", { a: "all" }],
  ["tasks.a.state == 'failed'", {}],
  ["params.a.outputs.rows + ds", {}],
])("named outputs - %s", (source, expected) => {
  const found = [...namedOutputs(source)].map(([task, names]) => [
    task,
    names === "all" ? names : [...names].toSorted(),
  ]);
  expect(Object.fromEntries(found)).toEqual(expected);
});
