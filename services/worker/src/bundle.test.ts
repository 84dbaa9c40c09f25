import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleWorkflows } from "./bundle.ts";

const log = pino({ level: "silent" });
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-bundle-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

// It compiles some 200 files; other checks run beside it.
const TIMEOUT_MS = 120_000;

test("bundle - made once for the sources that are here, then read; scripts of other sources go", {
  timeout: TIMEOUT_MS,
}, async () => {
  writeFileSync(join(folder, "of-yesterday.js"), "");
  const { code } = await bundleWorkflows(log, folder);
  expect(code).toContain("runDag");
  const [file = ""] = readdirSync(folder);
  expect(readdirSync(folder)).toEqual([file]);
  writeFileSync(join(folder, file), "kept");
  expect(await bundleWorkflows(log, folder)).toEqual({ code: "kept" });
});

test("bundle - where nothing can be written it is made all the same", { timeout: TIMEOUT_MS }, async () => {
  const nowhere = join(folder, "a-file");
  writeFileSync(nowhere, "");
  expect((await bundleWorkflows(log, nowhere)).code).toContain("runDag");
});
