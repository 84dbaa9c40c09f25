import { expect, test } from "vitest";
import type { OutputSource, OutputSpec } from "../task-spec.ts";
import { outputValues, type SourceText } from "./output-values.ts";

const text = (value: string): SourceText => ({ kind: "text", text: value });
const one = (schema: OutputSpec["schema"], from: OutputSource, source?: SourceText) =>
  outputValues({ rows: { from, schema } }, source === undefined ? {} : { [from]: source });

test.each([
  ["a field of the message", { type: "integer" }, "message", '{"rows": 3, "more": 1}\n', 3],
  ["a null that is allowed", { type: ["integer", "null"] }, "message", '{"rows": null}', null],
  ["text without its newline, never parsed", { type: "string" }, "stdout", "3\n4", "3\n4"],
  ["no output at all is text too", { type: "string" }, "stdout", "", ""],
  ["a list", { type: "array", items: { type: "string" } }, "stdout", '["a",\n"b"]', ["a", "b"]],
  ["without a type it is JSON", {}, "lastLine", "true", true],
  ["text where it is the only type", { type: "string", minLength: 2 }, "lastLine", "ok ", "ok "],
] as const)("outputs - %s", (_, schema, from, source, value) => {
  expect(one(schema, from, text(source))).toEqual({ values: { rows: value }, problems: [] });
});

test.each([
  ["missing", {}, "message", text("  \n"), "nothing was written to $SLIPWAY_OUTPUTS"],
  ["missing", {}, "message", text("{}"), "it is missing in what was written to $SLIPWAY_OUTPUTS"],
  ["missing", {}, "stdout", text(""), "the log is empty"],
  ["missing", { type: "string" }, "lastLine", text(""), "the log has no line that is not empty"],
  ["missing", {}, "message", undefined, "what was written to $SLIPWAY_OUTPUTS was not kept"],
  ["not JSON", {}, "message", text("rows=3"), "what was written to $SLIPWAY_OUTPUTS is not JSON"],
  ["not JSON", {}, "message", text("[3]"), "what was written to $SLIPWAY_OUTPUTS must be a JSON object, not a list"],
  ["not JSON", { type: "integer" }, "lastLine", text("three"), "the last line of the log is not JSON"],
  ["not JSON", {}, "stdout", text("9007199254740993"), "the log cannot be kept: the number cannot be kept exactly"],
  [
    "too large",
    {},
    "stdout",
    { kind: "unreadable", why: "is larger than 256 KB" } as const,
    "the log is larger than 256 KB",
  ],
  ["wrong type", { type: "integer" }, "message", text('{"rows":"3"}'), "must be a whole number, not text"],
  ["wrong type", { type: "object", required: ["a"] }, "stdout", text("{}"), "misses `a`"],
] as const)("outputs - %s: %j from %s", (_, schema, from, source, why) => {
  expect(one(schema, from, source)).toEqual({ values: {}, problems: [`output rows: ${why}`] });
});

test("outputs - no value is in a sentence: it may be a secret", () => {
  const { problems } = one(
    { type: "object", additionalProperties: false },
    "message",
    text('{"rows":{"a":"hunter2"}}'),
  );
  expect(problems.join()).not.toContain("hunter2");
});

test("outputs - those that fit are kept beside those that do not; together they are bounded", () => {
  const specs = (from: OutputSource): Record<string, OutputSpec> => ({
    good: { from, schema: { type: "string" } },
    bad: { from, schema: { type: "integer" } },
  });
  expect(outputValues(specs("message"), { message: text('{"good":"x","bad":"y"}') })).toEqual({
    values: { good: "x" },
    problems: ["output bad: must be a whole number, not text"],
  });
  const half = "x".repeat(150_000);
  const whole: OutputSpec = { from: "stdout", schema: { type: "string" } };
  const both = outputValues({ a: whole, b: whole }, { stdout: text(half) });
  expect(Object.keys(both.values)).toEqual(["a"]);
  expect(both.problems).toEqual(["output b: the outputs of the task together are larger than 256 KB"]);
});
