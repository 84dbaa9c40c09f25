/** The seed's DAG word for word, and what is said when its mistakes are mended one by one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, sharedFleet } from "@slipway/testbed";
import { afterAll, beforeAll, expect, test } from "vitest";

const AS_PRINTED = "examples/kubernetes_sample/as-printed.yaml";
const fleet = sharedFleet();
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-as-printed-"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
});

test("as printed - refused early, naming the image reference and the fix", async () => {
  const { code, stderr, stdout } = await fleet.run("run", AS_PRINTED, "--wait");
  expect(code).toBe(2);
  expect(stderr).toContain("`Python:3.6`");
  expect(stderr).toContain("python:3.6");
  expect(stdout).toBe("");
});

test("as printed - mended, the missing tag and the missing executable are each one sentence, before the retry", async () => {
  const mended = readFileSync(AS_PRINTED, "utf8")
    .replaceAll("Python:3.6", "slipway.local/python:3")
    .replaceAll("ubuntu:1604", "slipway.local/ubuntu:1604");
  const file = join(folder, "mended.yaml");
  writeFileSync(file, mended);
  const started = await fleet.run("run", file, "-o", "json");
  expect(started).toMatchObject({ code: 0 });
  const described = await eventually("both causes are told while the retries wait", async () => {
    const { stdout } = await fleet.run("describe", "@latest");
    return /retrying[\s\S]*retrying/.test(stdout) && stdout;
  });
  expect(described).toContain("Python: executable not found in the image");
  expect(described).toMatch(/slipway\.local\/ubuntu:1604.*(not found|does not exist)/);
  expect(await fleet.run("cancel", "@latest")).toMatchObject({ code: 0 });
  expect((await fleet.run("wait", "@latest", "--timeout", "60s")).code).toBe(4);
});
