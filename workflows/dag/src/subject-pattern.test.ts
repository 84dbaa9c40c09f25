import { expect, test } from "vitest";
import { isAllowedSubject, isSubjectPattern } from "./subject-pattern.ts";

test.each([
  ["lake.ready", ["lake.ready"], true],
  ["lake.ready", ["orders.>", "lake.*"], true],
  ["lake.ready.eu", ["lake.*"], false],
  ["lake.ready.eu", ["lake.>"], true],
  ["lake", ["lake.>"], false],
  ["lake.*", ["lake.*"], true],
  ["lake.*", ["lake.ready"], false],
  ["lake.>", ["lake.*"], false],
  ["lake.>", ["lake.>"], true],
  ["anything", [], false],
  ["$SYS.ACCOUNT", [">"], false],
  ["_INBOX.x", ["*.x"], false],
  ["$SYS.ACCOUNT", ["$SYS.*"], true],
] as const)("subjects - %s by %j: %s", (subject, patterns, allowed) => {
  expect(isAllowedSubject(subject, patterns)).toBe(allowed);
});

test.each(["a", "a.b-c_1", "*", "a.*.c", ">", "a.>"])("subjects - %s is one", (text) => {
  expect(isSubjectPattern(text)).toBe(true);
});

test.each(["", ".", "a.", "a..b", "a b", ">.a", "a*", "a.b>", "a\u0000", "x".repeat(256)])(
  "subjects - %j is none",
  (text) => {
    expect(isSubjectPattern(text)).toBe(false);
  },
);
