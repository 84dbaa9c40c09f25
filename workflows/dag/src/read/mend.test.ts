/** `lint --fix`: what is beyond doubt is mended, and nothing else is touched. The texts: first-mistakes.test.ts. */
import { readFileSync, readdirSync } from "node:fs";
import fc from "fast-check";
import { isMap, isScalar, parseDocument, visit } from "yaml";
import { expect, test } from "vitest";
import { aTask, lint } from "./lint-text.ts";
import { mendDagFile } from "./mend.ts";

const EXAMPLES = new URL("../../../../examples/", import.meta.url);
const files = readdirSync(EXAMPLES, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith("dag.yaml"));
const example = (name: string): string => readFileSync(new URL(name, EXAMPLES), "utf8");

test.each(files)("mend - %s is right, so it stays as it is", (name) => {
  expect(mendDagFile(example(name))).toEqual({ text: example(name), mended: [] });
});

/** Fields long enough for a slip to be told from another word. */
const FIELDS =
  /^(?:defaults|templates|tasks|finally|params|outputs|image|command|after|retries|timeout|exitCodes|resources|limits|parallelism)$/;

test.each(files)("mend - two letters swapped in any field of %s are swapped back, byte for byte", (name) => {
  const text = example(name);
  const keys: [number, number][] = [];
  visit(parseDocument(text), {
    Pair: (_, { key }) => {
      if (isScalar(key) && FIELDS.test(String(key.value)) && key.range && key.range[0] > 0)
        keys.push([key.range[0], key.range[1]]);
    },
  });
  expect(keys.length).toBeGreaterThan(3);
  let healed = 0;
  for (const [from, to] of keys.slice(0, 12)) {
    const word = text.slice(from, to);
    const slip = `${word.slice(0, 1)}${word[2]}${word[1]}${word.slice(3)}`;
    const { text: mended } = mendDagFile(`${text.slice(0, from)}${slip}${text.slice(to)}`);
    // One that is a name there (a task called `after`) or ambiguous may stay; it is never made something else.
    if (isMap(parseDocument(mended).contents) && lint(mended).startsWith("ok")) expect(mended).toBe(text);
    healed += mended === text ? 1 : 0;
  }
  expect(healed).toBeGreaterThan(Math.min(keys.length, 12) / 2);
});

test.each([
  ["a rename whose value is not one for the new name", aTask("image: x", "cmds: python")],
  ["a rename to a field that is there", aTask("image: x", "args: [a]", "arguments: [b]")],
  ["a word that is near two", aTask("image: x", "lifecycel: {}", "stdinn: true")],
  ["an empty task", "dag: d\ntasks:\n  a:\n"],
  ["a number without a unit", aTask("image: x", "timeout: 60")],
  ["an alias that is misspelt", "dag: d\ntasks:\n  a: &one { image: x }\n  b: *oen\n"],
  ["a condition in two pieces", aTask("image: x", "if: ${{ params.a }} && ${{ params.b }}")],
  ["a text of several lines", aTask("image: x", "if: |", "  ${{ true }}")],
])("mend - %s is left to a person", (what, text) => {
  const { text: mended } = mendDagFile(text);
  expect([what, mended]).toEqual([
    what,
    what.startsWith("a word") ? text.replace("lifecycel", "lifecycle").replace("stdinn", "stdin") : text,
  ]);
});

test("mend - several documents, comments, layout and line ends stay", () => {
  const text =
    '# first\r\ndag: a\r\ntasks: { x: { imgae: "y" } } # one\r\n---\r\ndag: b\r\ntasks:\r\n    x: # deep\r\n        imgae:   y\r\n';
  expect(mendDagFile(text).text).toBe(text.replaceAll("imgae", "image"));
  expect(mendDagFile(text).mended).toEqual([
    { line: 3, column: 15, before: 'tasks: { x: { imgae: "y" } } # one', after: 'tasks: { x: { image: "y" } } # one' },
    { line: 8, column: 9, before: "imgae:   y", after: "image:   y" },
  ]);
});

test.each([
  ['if: "${{ true }}"', 'if: "true"'],
  ["if: '${{ ds == \"x\" }}'", "if: 'ds == \"x\"'"],
  ["if: ${{ !true }}", 'if: "!true"'],
  ['retries: { limit: 1, if: "${{ outcome.exitCode == 3 }}" }', 'retries: { limit: 1, if: "outcome.exitCode == 3" }'],
])("mend - %s is written %s", (wrong, right) => {
  expect(mendDagFile(aTask("image: x", wrong)).text).toBe(aTask("image: x", right));
});

/** An example with some of its characters gone, or others in their place. */
const damaged = fc
  .tuple(
    fc.constantFrom(...files),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom("", "", ":", '"', "{", "*", "!", "${{", "-", "\t", "x")), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([name, wounds]) =>
    wounds.reduce((text, [at, put]) => {
      const spot = at % text.length;
      return `${text.slice(0, spot)}${put}${text.slice(spot + 1)}`;
    }, example(name)),
  );

test("mend - a damaged file is mended once, without a new complaint where it was right; what lint accepts is not touched", () => {
  fc.assert(
    fc.property(damaged, (text) => {
      const { text: once, mended } = mendDagFile(text);
      if (lint(text).startsWith("ok")) expect(once).toBe(text);
      expect(mendDagFile(once)).toEqual({ text: once, mended: [] });
      expect(mended.every(({ before, after }) => before !== after)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("mend - any text is answered, and mended once", () => {
  for (const text of [
    "",
    "\t",
    "dag: [",
    "a: &a *a",
    "dag: d\ntasks: { a: { image: x } }\n\u0000",
    "- - ? :",
    "dag: ${{",
    "'",
  ]) {
    const { text: once } = mendDagFile(text);
    expect(mendDagFile(once)).toEqual({ text: once, mended: [] });
  }
});
