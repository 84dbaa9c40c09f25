/** What `logs --grep` lets through. */
import { expect, test } from "vitest";
import { matcherOf } from "./matcher.ts";

test.each([
  ["a text is itself, case counts", "a.c", ["xa.cx"], ["abc", "A.C"]],
  ["one slash is a text", "/", ["a/b"], ["ab"]],
  ["two slashes hold nothing: a text", "//", ["a//b"], ["a/b"]],
  ["a path is a text", "/var/log", ["in /var/log"], ["var"]],
  ["between slashes an expression", "/^a.c$/", ["abc"], ["a.cx", "xabc"]],
  ["flags are RE2's", "/(?i)error/", ["an ERROR"], ["err"]],
])("grep - %s", (_, pattern, yes, no) => {
  const matches = matcherOf(pattern);
  expect(yes.map((text) => matches?.(text))).toEqual(yes.map(() => true));
  expect(no.map((text) => matches?.(text))).toEqual(no.map(() => false));
});

test("grep - what RE2 does not have is refused: a look-ahead, a reference back", () => {
  expect([matcherOf("/(?=a)/"), matcherOf("/(a)\\1/"), matcherOf("/(/")]).toEqual([undefined, undefined, undefined]);
});

test("grep - an expression that never ends elsewhere ends here", () => {
  expect(matcherOf("/^(a+)+$/")?.(`${"a".repeat(5_000)}!`)).toBe(false);
});
