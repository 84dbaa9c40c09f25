import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const bootstrap = join(import.meta.dirname, "..", "bootstrap.mjs");

const evaluate = (expression: string): unknown => {
  const code = `import(${JSON.stringify(bootstrap)}).then((m) => console.log(JSON.stringify(${expression})))`;
  return JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8", timeout: 20_000 }),
  );
};

test("bootstrap - an unknown verb is a usage error that names the known ones", () => {
  const ended = spawnSync(process.execPath, [bootstrap, "qickstart"], { encoding: "utf8", timeout: 20_000 });
  expect(ended.status).toBe(2);
  expect(ended.stderr).toContain("quickstart, test, test:faults, test:scale, replay:record, test:stack");
});

test("bootstrap - compares versions by number", () => {
  expect(
    evaluate('[m.atLeast("v22.18.0", [22, 18]), m.atLeast("v24.0.1", [22, 18]), m.atLeast("v22.9.0", [22, 18])]'),
  ).toEqual([true, true, false]);
});

test("bootstrap - the stamp changes with the lockfile and with the platform", () => {
  const stamps = evaluate('[m.lockStamp("a", "x"), m.lockStamp("b", "x"), m.lockStamp("a", "y")]');
  expect(new Set(Array.isArray(stamps) ? stamps : []).size).toBe(3);
});
