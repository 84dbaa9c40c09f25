import { expect, test } from "vitest";
import { ERRORS, type ErrorEntry, problem, renderProblem, SlipwayError } from "./errors.ts";

/** docs/reference/errors.md is this text: after a change of the catalogue run `npx vitest run --project unit -u errors`. */
function reference(): string {
  const entries: readonly (readonly [string, ErrorEntry])[] = Object.entries(ERRORS);
  const sections = entries.map(
    ([code, { summary, why, fix }]) =>
      `## ${code}\n\n${sentence(summary)}\n\n- Why: ${sentence(why)}\n- Fix: ${sentence(fix)}\n`,
  );
  const intro = [
    "# Errors",
    "Every error says what is wrong, where, why it is refused and how to mend it. `slipway explain CODE` prints an entry of this list.",
    "The text comes from the catalogue in workflows/dag/src/errors.ts; a test keeps the two equal.\n",
  ];
  return [intro.join("\n\n"), ...sections].join("\n");
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? "" : "."}`;
}

test("errors - the reference lists exactly the catalogue, with its text", async () => {
  await expect(reference()).toMatchFileSnapshot("../../../docs/reference/errors.md");
});

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
