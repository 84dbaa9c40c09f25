/** Each promise of docs/guarantees.md names a test that is there. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const ROW = /^\| .+ \| `([^`]+)` (.+) \|$/;

const lines = readFileSync(join(ROOT, "docs/guarantees.md"), "utf8").split("\n");
const rows = lines.filter(
  (line) => line.startsWith("| ") && !line.startsWith("| promise") && !line.startsWith("| ---"),
);

test("guarantees - there are some", () => {
  expect(rows.length).toBeGreaterThan(20);
});

test.each(rows)("guarantees - %s", (row) => {
  const [, file = "", title = ""] = ROW.exec(row) ?? [];
  expect(existsSync(join(ROOT, file)), `${file} is there`).toBe(true);
  // `test("…"`, or a table's `test.for(…)("…"`, on one line or two.
  expect(readFileSync(join(ROOT, file), "utf8").replaceAll(/\(\s+"/g, '("')).toContain(`("${title}`);
});
