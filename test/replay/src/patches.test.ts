import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Patch, PATCHES } from "@slipway/run/patches";
import { expect, test } from "vitest";

const folder = dirname(fileURLToPath(import.meta.resolve("@slipway/run/patches")));
const sources = globSync("**/*.ts", { cwd: folder })
  .filter((file) => file !== "patches.ts")
  .map((file) => [file, readFileSync(join(folder, file), "utf8")] as const);

test("patches - the code asks for each by its name, and Temporal for none behind their back", () => {
  const asked = sources.flatMap(([, text]) => [...text.matchAll(/\bhas\("([^"]+)"\)/g)].map(([, name = ""]) => name));
  expect([...new Set(asked)].toSorted()).toEqual(Object.keys(PATCHES).toSorted());
  const direct = sources.filter(([, text]) => /\b(patched|deprecatePatch)\b/.test(text)).map(([file]) => file);
  expect(direct).toEqual([]);
});

test("patches - each says since which release it is there, and why", () => {
  const all: readonly (readonly [string, Patch])[] = Object.entries(PATCHES);
  const bare = all.filter(([, { since, why }]) => !/^\d+\.\d+\.\d+$/.test(since) || why.length < 20);
  expect(bare).toEqual([]);
});
