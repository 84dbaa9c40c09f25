/** Each promise of docs/guarantees.md and each word of docs/semantics.md names a test that is there. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const ROW = /^\| .* \| `([^`]+)` (.+) \|$/;

describe.each(["guarantees", "semantics"])("%s", (page) => {
  const lines = readFileSync(join(ROOT, `docs/${page}.md`), "utf8").split("\n");
  const rows = lines.filter((line, at) => line.startsWith("| ") && lines[at + 1]?.startsWith("| ---") !== true);
  const promises = rows.filter((line) => !line.startsWith("| ---"));

  test("guarantees - there are some", () => {
    expect(promises.length).toBeGreaterThan(5);
  });

  test.each(promises)("guarantees - %s", (row) => {
    const [, file = "", title = ""] = ROW.exec(row) ?? [];
    expect(existsSync(join(ROOT, file)), `${file} is there`).toBe(true);
    // `test("…"`, or a table's `test.for(…)("…"`, on one line or two.
    expect(readFileSync(join(ROOT, file), "utf8").replaceAll(/\(\s+"/g, '("')).toContain(`("${title}`);
  });
});
