/** README.md says what is so: its program is the example's, its "not yet" table names every word and verb. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { NOT_YET_VERBS } from "../../../services/cli/src/not-yet.ts";
import { NOT_YET_WORDS } from "../../../workflows/dag/src/read/words.ts";

const readme = readFileSync("README.md", "utf8");

function row(where: string): string {
  return readme.split("\n").find((line) => line.startsWith(`| ${where} |`)) ?? "";
}

test("readme - the program is the one in examples, and short", () => {
  const program = readFileSync("examples/plain-client/start.js", "utf8");
  expect(readme).toContain(`\`\`\`js\n${program}\`\`\``);
  const code = program.split("\n").filter((line) => line !== "" && !line.startsWith("//"));
  expect(code.length).toBeLessThanOrEqual(15);
});

test("readme - the not-yet table names every word of the format that is not run", () => {
  const rows: Record<string, string> = { DAG: row("on the DAG"), task: row("on a task") };
  const missing = NOT_YET_WORDS.filter((words) => {
    const [scope = "", word = ""] = words.split(" ");
    const inRow = rows[scope];
    return inRow === undefined ? !row("in fields").includes(scope) : !inRow.includes(`\`${word}\``);
  });
  expect(missing).toEqual([]);
});

test("readme - the not-yet table names every verb that only answers", () => {
  const words = [...NOT_YET_VERBS, "get dags"];
  expect(words.filter((verb) => !row("verbs").includes(`\`${verb}\``))).toEqual([]);
});

test("docs - every link of ours leads somewhere", () => {
  const files = globSync([
    "*.md",
    "docs/**/*.md",
    "examples/**/*.md",
    "{workflows,activities,services,deploy,test}/*/README.md",
  ]).filter((file) => !file.includes("node_modules"));
  expect(files.length).toBeGreaterThan(8);
  const broken = files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/\]\((?!https?:)([^)#\s]+)/g)]
      .map(([, link = ""]) => join(dirname(file), link))
      .filter((target) => !existsSync(target))
      .map((target) => `${file}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test("docs - every path that ARCHITECTURE.md names is there", () => {
  const paths = [
    ...readFileSync("ARCHITECTURE.md", "utf8").matchAll(
      /`((?:workflows|activities|services|deploy|test|docs)\/[^`]+)`/g,
    ),
  ].map(([, path = ""]) => path);
  expect(paths.length).toBeGreaterThan(15);
  expect(paths.filter((path) => globSync(path).length === 0)).toEqual([]);
});
