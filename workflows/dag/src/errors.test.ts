import { expect, test } from "vitest";
import { problem, renderProblem, SlipwayError } from "./errors.ts";

test("errors - a problem is rendered as what, where, why and fix", () => {
  const where = { file: "dag.yaml", line: 3, column: 5, path: "tasks.a.image" };
  expect(renderProblem(problem("cycle", "a → a", { where, fix: "do not" }))).toMatchInlineSnapshot(`
    "error[cycle]: a → a
      --> dag.yaml:3:5   tasks.a.image
      why: none of them could ever start
      fix: do not"
  `);
  expect(renderProblem(problem("cycle", "a → a", { where: { path: "tasks.a" } }), "warning")).toMatchInlineSnapshot(`
    "warning[cycle]: a → a
      --> tasks.a
      why: none of them could ever start
      fix: remove one \`after\` of the circle"
  `);
  expect(renderProblem(problem("empty-file", "nothing"))).not.toContain("-->");
});

test("errors - a SlipwayError carries its problems as text and as data", () => {
  const problems = [problem("cycle", "a → a"), problem("empty-file", "nothing")];
  const error = new SlipwayError(problems);
  expect(error.problems).toEqual(problems);
  expect(error.message).toBe(problems.map((each) => renderProblem(each)).join("\n\n"));
});
