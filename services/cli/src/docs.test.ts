/** docs/cli.md says what the command has: every verb, every exit code, every verb that is not yet there. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { EXIT } from "./exit-code.ts";
import { NOT_YET_VERBS } from "./not-yet.ts";
import { SETTINGS } from "./setting-docs.ts";
import { buildProgram } from "./program.ts";
import { testWorld } from "./test-world.ts";

const docs = readFileSync(new URL("../../../docs/cli.md", import.meta.url), "utf8");
const program = buildProgram(testWorld(), () => {});

test("docs - the table of verbs has every verb, and no other", () => {
  const [, verbs = ""] = /\| verb \| what it does \|\n([\s\S]*?)\n\n/.exec(docs) ?? [];
  const written = verbs
    .split("\n")
    .flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`([a-z]+)/g)].map(([, verb]) => verb));
  const known = program.commands
    .map((command) => command.name())
    .filter((name) => !NOT_YET_VERBS.some((verb) => verb === name));
  expect(new Set(written)).toEqual(new Set(known));
});

test("docs - the verbs that are not yet there", () => {
  const [, list = ""] = /answered "not yet": ([\s\S]*?);/.exec(docs) ?? [];
  expect(list.split(/,\s+/)).toEqual([...NOT_YET_VERBS]);
});

test("docs - the table of exit codes", () => {
  const written = [...docs.matchAll(/^\| (\d+) \| /gm)].map(([, code]) => Number(code));
  expect(written.sort((a, b) => a - b)).toEqual(Object.values(EXIT).sort((a, b) => a - b));
});

test("docs - every long flag that they name exists", () => {
  const flags = new Set(program.commands.flatMap((command) => command.options.map(({ long }) => long)));
  const named = [...docs.matchAll(/`[^`]*?(--[a-z][a-z-]+)/g)].map(([, flag]) => flag);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((flag) => flag !== "--help" && flag !== undefined && !flags.has(flag))).toEqual([]);
});

test("docs - every environment variable that is read is described (setting-docs.ts)", () => {
  const folder = new URL("./", import.meta.url);
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && name !== "setting-docs.ts",
  );
  const read = sources.flatMap((name) => {
    const text = readFileSync(new URL(name, folder), "utf8");
    const indexed = [...text.matchAll(/env\["([A-Z_]+)"\]/g)].map(([, variable = ""]) => variable);
    return [...indexed, ...[...text.matchAll(/"(SLIPWAY_[A-Z_]+)"/g)].map(([, variable = ""]) => variable)];
  });
  const elsewhere = [
    "KUBECONFIG",
    "TERM",
    "KUBERNETES_SERVICE_HOST",
    "USER",
    "LOGNAME",
    "PATH",
    "HOME",
    "XDG_CONFIG_HOME",
  ];
  const described = SETTINGS.flatMap(({ variables }): readonly string[] => variables);
  expect(read.length).toBeGreaterThan(20);
  expect(read.filter((variable) => !elsewhere.includes(variable) && !described.includes(variable))).toEqual([]);
});
