import { expect, test } from "vitest";
import { fitted } from "./fitted-report.ts";
import { putItem } from "./items.ts";
import { utf8Length } from "./json.ts";
import { countsText } from "./item-report.ts";
import { reportOf } from "./report.ts";
import { EXIT3, name } from "./testing/played.ts";
import { Spread } from "./testing/spread.ts";

const keys = Array.from({ length: 10_000 }, (_, at) => new Date(at * 86_400_000).toISOString().slice(0, 10));
const list = { lists: [keys], keys };

/** All items have failed, each with words of its own. */
function failed(run: Spread, task: string): void {
  run.answer({ kind: "yes", items: list }, task);
  const items = run.state.items?.[name(task)];
  if (items === undefined) throw new Error("there are no items");
  for (const index of keys.keys())
    putItem(items, index, {
      kind: "failed",
      attempts: 1,
      outcome: { ...EXIT3, message: `${index} ${"x".repeat(390)}` },
    });
}

test("items - ten thousand are shown whole in a report, with the messages of the first that failed", () => {
  const run = new Spread();
  failed(run, "load");
  const report = reportOf(run.graph, run.state, false);
  const { items = [] } = report.tasks["load"] ?? {};
  expect([items.length, items.filter(({ message }) => message !== undefined).length]).toEqual([10_000, 100]);
  expect(items[9_999]).toEqual({ index: 9_999, key: "1997-05-18", state: "failed", kind: "exit" });
  expect(utf8Length(JSON.stringify(report))).toBeLessThan(1_000_000);
  expect(fitted(report)).toBe(report);
});

test("items - of more than a report has room for those that need a look, and how many there are", () => {
  const run = new Spread({}, {}, { more: { image: "x", forEach: "${{ range(3) }}" } });
  for (const task of ["load", "more"]) failed(run, task);
  const report = reportOf(run.graph, run.state, false);
  expect(report.tasks["more"]?.items).toHaveLength(100);
  expect(countsText(report.tasks["more"] ?? {})).toBe("10000 of 10000 failed");
  expect(utf8Length(JSON.stringify(report))).toBeLessThan(100_000);
});
