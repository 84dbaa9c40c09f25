import { expect, test } from "vitest";
import { redactionOf } from "./redaction.ts";

const PATTERNS = "(?i)password=\\S+\nAKIA[0-9A-Z]{16}\n^Bearer .+$\n";

test.each([
  ["nothing here", "nothing here"],
  ["a PASSWORD=hunter2 b password=x", "a [redacted] b [redacted]"],
  ["AKIA0123456789ABCDEF", "[redacted]"],
  ["key AKIA0123456789ABCDEF, password=AKIA0123456789ABCDEF", "key [redacted], [redacted]"],
  ["two lines\nBearer abc.def\nend", "two lines\n[redacted]\nend"],
  ["not at its beginning: Bearer abc", "not at its beginning: Bearer abc"],
  ["", ""],
])("%j is printed as %j", (text, printed) => {
  expect(redactionOf(PATTERNS)?.(text)).toBe(printed);
});

test.each([undefined, "", "\n \n"])("no patterns, no work: %j", (patterns) => {
  expect(redactionOf(patterns)).toBeUndefined();
});

test.each([
  ["ok\n(oops", "line 2"],
  ["x*", "line 1"],
  ["(a)\\1", "line 1"],
  ["x\n".repeat(101), "101 patterns"],
])("patterns that cannot serve are refused, without repeating them: %j", (patterns, words) => {
  expect(() => redactionOf(patterns)).toThrow(words);
});

test("a long line costs time in proportion to its length: what makes others explode ends", () => {
  const redact = redactionOf("(x+x+)+y");
  expect(redact?.("x".repeat(20_000))).toBe("x".repeat(20_000));
});
