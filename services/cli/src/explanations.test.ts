import { expect, test } from "vitest";
import type { ErrorEntry } from "@slipway/dag";
import { CODES, EXPLANATIONS } from "./explanations.ts";

/** docs/reference/errors.md is this text: after a change run `npx vitest run --project unit -u explanations`. */
function reference(): string {
  const intro = [
    "# Errors",
    "Every error says what is wrong, where, why it is refused and how to mend it. `slipway explain CODE` prints an entry of this list.",
    "The text comes from workflows/dag/src/errors.ts and services/cli/src/explanations.ts; a test keeps them equal.\n",
  ];
  const sections = EXPLANATIONS.flatMap(({ title, intro, entries }) => [
    `## ${title}\n\n${intro}\n`,
    ...Object.entries(entries).map(entryText),
  ]);
  return [intro.join("\n\n"), ...sections].join("\n");
}

function entryText([code, { summary, why, fix }]: readonly [string, ErrorEntry]): string {
  return `### ${code}\n\n${sentence(summary)}\n\n- Why: ${sentence(why)}\n- Fix: ${sentence(fix)}\n`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? "" : "."}`;
}

test("explanations - the reference lists exactly what `explain` knows, with its text", async () => {
  await expect(reference()).toMatchFileSnapshot("../../../docs/reference/errors.md");
});

test("explanations - a code means one thing", () => {
  expect(CODES).toHaveLength(EXPLANATIONS.flatMap(({ entries }) => Object.keys(entries)).length);
});
