import { expect, test } from "vitest";
import { checkCondition } from "./check.ts";

const told = (source: string): string => {
  const complaint = checkCondition("retries.if", source);
  return complaint === undefined ? "ok" : [complaint.what, complaint.fix].filter(Boolean).join(" -> ");
};

test.each([
  'outcome.kind == "exit"',
  'outcome.kind in ["exit", "oom_killed"] && outcome.exitCode != 2',
  'outcome.signal == "SIGKILL" || outcome.message.contains("reset")',
  "outcome.exitCode in [75, 111]",
  "!(outcome.exitCode > 128)",
  "true",
])("a condition - %s", (source) => {
  expect(told(source)).toBe("ok");
});

/** What newcomers write first, and the text that helps them on. */
test.each([
  ["outcome.exitcode == 3", "`outcome` has no field `exitcode` -> did you mean `outcome.exitCode`?"],
  ["exitCode == 3", "there is no `exitCode` in this condition -> write `outcome.exitCode`"],
  ['outcom.kind == "exit"', "there is no `outcom` in this condition -> did you mean `outcome`?"],
  [
    "params.retry",
    "there is no `params` in this condition -> a condition of `retries` sees `outcome`: its kind, exitCode, signal, message",
  ],
  ["outcome.kind == exit", 'there is no `exit` in this condition -> put it in quotes: `outcome.kind == "exit"`'],
  ['outcome.kind = "exit"', "the condition is not CEL: Unexpected character: = -> equality is `==`"],
  [
    'outcome.kind == "exit" and outcome.exitCode == 3',
    "the condition is not CEL: Unexpected character: 'd' -> write `&&` for and, `||` for or, `!` for not",
  ],
  [
    'outcome.exitCode == "3"',
    "a whole number == text is not defined -> compare like with like: text in quotes, numbers without",
  ],
  ["outcome.exitCode", "the condition gives a whole number, not true or false -> compare it: `outcome.exitCode == 3`"],
  ['outcome.kind == "oom"', "no outcome has the kind `oom` -> kinds are"],
  ['outcome.kind in ["exit", "oom_kiled"]', "no outcome has the kind `oom_kiled` -> did you mean `oom_killed`?"],
  ['"timed_out" != outcome.kind', "no outcome has the kind `timed_out`"],
  ['outcome.message.lower() == "x"', "there is no function for this: 'string.lower()' -> text has contains"],
  ["${{ outcome.exitCode == 3 }}", "`${{ }}` has no place in a condition -> write the expression bare"],
  ["", "the condition is empty"],
  ["true && ".repeat(400), "the condition is longer than 2000 characters"],
  ["outcome.exitCode in [", "the condition is not CEL: "],
])("a slip - %s", (source, text) => {
  expect(told(source)).toContain(text);
});

test("a condition of any shape is answered, never thrown at", () => {
  for (const source of [
    "((((",
    "\u0000",
    "a".repeat(1_999),
    "[[[[[[",
    '"',
    "outcome.kind.kind",
    "1",
    "has(outcome.x)",
    "(".repeat(1_000),
  ])
    expect(told(source)).not.toBe("ok");
});
