import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cacheFolder } from "./cache.ts";
import { isRecentEnough } from "./go.ts";
import { buildKey, ingredients, sourceFolder } from "./key.ts";
import { recipes, type ServerName } from "./recipes.ts";

const names: readonly ServerName[] = [
  "temporal-server",
  "temporal-ui",
  "nats-server",
  "nats-cli",
  "kubernetes",
  "etcd",
  "containerd",
  "crane",
  "kwok",
  "reopen-log",
  "pause",
];

test("build key - any other ingredient gives another key, the order does not", () => {
  const parts = new Map([
    ["go.sum", "a"],
    ["go.mod", "b"],
  ]);
  const key = buildKey("crane", "1.0.0", parts);
  expect(key).toMatch(/^crane-1\.0\.0-[0-9a-f]{12}$/);
  expect(buildKey("crane", "1.0.0", new Map([...parts].reverse()))).toBe(key);
  expect(buildKey("crane", "1.0.0", new Map([...parts, ["go.sum", "c"]]))).not.toBe(key);
  expect(buildKey("crane", "1.0.0", new Map([...parts, ["main.go", ""]]))).not.toBe(key);
});

test("build key - a server's module files, programs, flags and platform count", () => {
  expect([...ingredients("crane").keys()]).toEqual(["go.mod", "go.sum", "tools.go", "programs", "flags", "platform"]);
});

test.each(names.filter((name) => name !== "pause"))("recipe - %s has the version that its go.mod pins", (name) => {
  const module = readFileSync(join(sourceFolder(name), "go.mod"), "utf8");
  expect(module).toMatch(new RegExp(`^require \\S+ v${recipes[name].version.replaceAll(".", "\\.")}$`, "m"));
});

test("recipes - the list above is whole", () => {
  expect(Object.keys(recipes).sort()).toEqual([...names].sort());
});

test("go - 1.26 or newer", () => {
  expect(["go1.26.8", "go1.26", "go1.30rc1", "go2.0"].filter((version) => !isRecentEnough(version))).toEqual([]);
  expect(["go1.25.9", "go1.9", "devel", ""].filter((version) => isRecentEnough(version))).toEqual([]);
});

test("cache - SLIPWAY_CACHE, then XDG_CACHE_HOME, then the home folder", () => {
  expect(cacheFolder({ SLIPWAY_CACHE: "/a", XDG_CACHE_HOME: "/b" })).toBe("/a");
  expect(cacheFolder({ SLIPWAY_CACHE: "", XDG_CACHE_HOME: "/b" })).toBe("/b/slipway");
  expect(cacheFolder({})).toMatch(/\.cache\/slipway$/);
});
