/** docs/semantics.md says of every field of the format, also of those that come later, what others call it and which test shows it. */
import { readFileSync } from "node:fs";
import { FIELDS, NOT_YET, type Scope } from "@slipway/dag/read";
import { expect, test } from "vitest";

const page = readFileSync(new URL("../../../../docs/semantics.md", import.meta.url), "utf8");
const rows = page.split("\n").filter((line) => line.startsWith("| "));

/** The words in the code of each row's first cell: `retries.delay`, `factor` are three. */
const named = rows.map((row) => {
  const [cell = ""] = row.split(" | ");
  return new Set([...cell.matchAll(/`([^`]+)`/g)].flatMap(([, code = ""]) => code.match(/[A-Za-z]+/g) ?? []));
});

/** Objects whose fields are called by their own names; those of all others beside the object's: `retries` and `delay`. */
const PLAIN: ReadonlySet<Scope> = new Set<Scope>(["dag", "task", "defaults", "template"]);

const scopes = Object.keys(FIELDS).filter((name): name is Scope => Object.hasOwn(FIELDS, name));

test.each(scopes)("semantics - every field of %s stands in a row", (scope) => {
  const isNamed = (word: string) => named.some((words) => words.has(word) && (PLAIN.has(scope) || words.has(scope)));
  expect([...Object.keys(FIELDS[scope]), ...NOT_YET[scope]].filter((word) => !isNamed(word))).toEqual([]);
});
