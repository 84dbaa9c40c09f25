import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readParams } from "./params.ts";

const DECLARED = {
  text: "x",
  count: 1,
  on: true,
  list: ["a"],
  schema: { type: "integer", minimum: 1 },
  map: { type: "object" },
  none: { description: "no type" },
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "slipway-params-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ["text=3", { text: "3" }],
  ["text=a=b", { text: "a=b" }],
  ["text=", { text: "" }],
  ["count=3", { count: 3 }],
  ["count=-1.5e3", { count: -1500 }],
  ["count=three", { count: "three" }],
  ["count=0x10", { count: "0x10" }],
  ["on=false", { on: false }],
  ["on=no", { on: "no" }],
  ['list=["b", 2]', { list: ["b", 2] }],
  ["list=b", { list: "b" }],
  ["schema=7", { schema: 7 }],
  ['map={"a": 1}', { map: { a: 1 } }],
  ["none=1", { none: "1" }],
  ["undeclared=1", { undeclared: "1" }],
  ["constructor=1", { constructor: "1" }],
])("params - -p %s is coerced by the declared type", (given, expected) => {
  expect(readParams(DECLARED, { param: [given] }, "/")).toEqual(expected);
});

test("params - what is no name=value is refused", () => {
  expect(() => readParams(DECLARED, { param: ["=x"] }, "/")).toThrow(/is not name=value/);
  expect(() => readParams(DECLARED, { param: ["count"] }, "/")).toThrow(/is not name=value/);
});

test("params - a file gives values with their own types, and -p wins over it", () => {
  writeFileSync(path.join(folder, "p.yaml"), "text: from file\ncount: 5\n");
  expect(readParams(DECLARED, { param: ["count=6"], params: "p.yaml" }, folder)).toEqual({
    text: "from file",
    count: 6,
  });
});

test.each([
  ["a list", "- a\n", /is not a map of params/],
  ["no YAML", "a: [\n", /is not YAML or JSON/],
  ["aliases", "a: &a [1]\nb: *a\n", /is not YAML or JSON/],
])("params - a file that is %s is refused", (_, text, expected) => {
  writeFileSync(path.join(folder, "bad.yaml"), text);
  expect(() => readParams(DECLARED, { param: [], params: "bad.yaml" }, folder)).toThrow(expected);
});

test("params - a file that is not UTF-8 is refused, not changed", () => {
  writeFileSync(path.join(folder, "latin1.yaml"), Buffer.from("word: caf\u00e9\n", "latin1"));
  expect(() => readParams(DECLARED, { param: [], params: "latin1.yaml" }, folder)).toThrow(
    /yaml-syntax.*not UTF-8\n +--> latin1.yaml:1:10\n/,
  );
});

test("params - a file that is not there is named", () => {
  expect(() => readParams(DECLARED, { param: [], params: "nope.yaml" }, folder)).toThrow(/cannot-read.*nope.yaml/s);
});
