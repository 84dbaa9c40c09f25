import { expect, test } from "vitest";
import { FUNCTION_DOCS, VARIABLES } from "./catalogue.ts";
import { OUTCOME_FIELDS, ROOTS, RUN_FIELDS } from "./environment.ts";
import { evaluate } from "./evaluate.ts";
import { runVariables } from "./run-variables.ts";

const variables = runVariables({ id: "r1", dag: "d", version: "v", logicalDate: "2026-07-02T22:30:00Z" });

test.each(FUNCTION_DOCS)("functions - $example gives what its description says", ({ example, value }) => {
  expect(evaluate("task", example, variables)).toEqual({ kind: "value", value });
});

test("variables - what may be named is described, and nothing else", () => {
  const described = new Set(VARIABLES.map(({ name }) => name.split(".", 1)[0]));
  expect(described).toEqual(new Set([...ROOTS, "outcome", "event"]));
  const ofRun = VARIABLES.flatMap(({ name }) => (name.startsWith("run.") ? [name.slice(4)] : []));
  expect(ofRun.toSorted()).toEqual(Object.keys(RUN_FIELDS).toSorted());
  const outcome = VARIABLES.find(({ name }) => name === "outcome")?.text ?? "";
  for (const field of Object.keys(OUTCOME_FIELDS)) expect(outcome).toContain(`\`${field}\``);
});
