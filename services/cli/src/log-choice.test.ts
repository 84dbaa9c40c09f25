/** What `logs` shows of a log: `--since`, `--grep`, `--tail`. */
import type { LogItem } from "@slipway/client";
import fc from "fast-check";
import { expect, test } from "vitest";
import { logFilter, matcherOf } from "./log-filter.ts";
import { LogTail } from "./log-tail.ts";

const AT = { task: "greet", attempt: 1, container: "main", pod: "u", restart: 0 } as const;
const NOON = Date.parse("2026-11-22T12:00:00Z");

function line(number: number, text = `line ${number}`, time = "2026-11-22T12:00:00.123456789Z"): LogItem {
  return { ...AT, kind: "line", line: number, time, text };
}
const gap = (to?: string): LogItem => ({ ...AT, kind: "gap", reason: "rotated", ...(to === undefined ? {} : { to }) });

function lastOf(most: number | undefined, items: readonly LogItem[]): { shown: LogItem[]; tail: LogTail } {
  const shown: LogItem[] = [];
  const tail = new LogTail(most, (item) => shown.push(item));
  for (const item of items) tail.accept(item);
  return { shown, tail };
}

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

test("grep - lines go, what is missing is still told", () => {
  const wanted = logFilter({ matches: (text) => text === "b" });
  expect([line(1, "a"), line(2, "b"), gap("2020-01-01T00:00:00Z")].filter(wanted)).toEqual([
    line(2, "b"),
    gap("2020-01-01T00:00:00Z"),
  ]);
});

test("since - lines and gaps that are older go; a time that cannot be read stays", () => {
  const wanted = logFilter({ since: NOON });
  const old = "2026-11-22T11:59:59.999Z";
  const items = [line(1, "x", old), line(2), line(3, "y", "when?"), gap(old), gap("2026-11-22T12:00:01Z"), gap()];
  expect(items.filter(wanted)).toEqual([line(2), line(3, "y", "when?"), gap("2026-11-22T12:00:01Z"), gap()]);
});

test("tail - without a number everything at once", () => {
  expect(lastOf(undefined, [line(1), gap()]).shown).toEqual([line(1), gap()]);
});

test("tail - nothing until it is opened, then the last lines with their numbers, then what comes", () => {
  const { shown, tail } = lastOf(2, [line(1), gap("a"), line(2), gap("b"), line(3)]);
  expect(shown).toEqual([]);
  tail.open();
  tail.accept(line(4));
  tail.open();
  expect(shown).toEqual([gap("a"), line(2), gap("b"), line(3), line(4)]);
});

test("tail - for any log it shows the last N lines, and holds no more than N and 1,000 notices", () => {
  const anItem = fc.boolean().map((isLine) => (isLine ? line(0) : gap()));
  fc.assert(
    fc.property(fc.array(anItem, { maxLength: 200 }), fc.nat(20), (kinds, most) => {
      const items = kinds.map((item, at) => (item.kind === "line" ? line(at) : item));
      const { shown, tail } = lastOf(most, items);
      tail.open();
      const lines = (from: readonly LogItem[]) => from.filter(({ kind }) => kind === "line");
      expect(lines(shown)).toEqual(most === 0 ? [] : lines(items).slice(-most));
    }),
  );
  let most = 0;
  const tail = new LogTail(10, () => {});
  for (let at = 0; at < 50_000; at++) {
    tail.accept(at % 5_000 === 0 ? line(at) : gap());
    most = Math.max(most, tail.held);
  }
  expect(most).toBeLessThanOrEqual(1_010);
});
