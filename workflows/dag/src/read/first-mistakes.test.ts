/**
 * What people write first, what lint says of it (`.txt`), and what `--fix` makes of it (`.fixed.yaml`, where it changes anything).
 * After a change of words: `npx vitest run --project unit workflows/dag/src/read/first-mistakes.test.ts -u`, and read the difference.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { renderProblem } from "../errors.ts";
import { lintDagFile } from "./dag-file.ts";
import { mendDagFile } from "./mend.ts";

const FOLDER = new URL("first-mistakes/", import.meta.url);
const NAMES = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".yaml") && !file.endsWith(".fixed.yaml"))
  .map((file) => file.slice(0, -".yaml".length));
const at = (file: string): string => new URL(file, FOLDER).pathname;

function told(text: string): string {
  const problems = lintDagFile(text, "dag.yaml").flatMap((read) =>
    read.kind === "ok"
      ? read.warnings.map((each) => renderProblem(each, "warning"))
      : read.problems.map((each) => renderProblem(each)),
  );
  return `${problems.join("\n\n")}\n`;
}

test.each(NAMES)("first mistakes - %s", async (name) => {
  const text = readFileSync(at(`${name}.yaml`), "utf8");
  const { text: mended } = mendDagFile(text);
  await expect(told(text)).toMatchFileSnapshot(at(`${name}.txt`));
  if (mended === text) expect(existsSync(at(`${name}.fixed.yaml`))).toBe(false);
  else await expect(mended).toMatchFileSnapshot(at(`${name}.fixed.yaml`));
  expect(mendDagFile(mended).mended).toEqual([]);
});
