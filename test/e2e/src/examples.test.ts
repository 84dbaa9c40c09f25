/** Every example runs to the end that stands beside it, on real pods; all at once in one installation. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { eventually, reportOf, sharedFleet } from "@slipway/testbed";
import { afterAll, describe, expect, test } from "vitest";
import { type Expected, expectedOf } from "./expected.ts";

const EXAMPLES = path.resolve(import.meta.dirname, "../../../examples");
/** Run by tests of their own, which look closer. */
const ELSEWHERE = ["kubernetes_sample", "plain-client"];

const fleet = sharedFleet({ env: { SLIPWAY_POOLS: "db=2" } });
const scratch = mkdtempSync(path.join(tmpdir(), "slipway-examples-"));

afterAll(() => rmSync(scratch, { recursive: true }));

const folders = readdirSync(EXAMPLES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !ELSEWHERE.includes(entry.name))
  .map(({ name }) => name);
const cases = folders.flatMap((name) =>
  expectedOf(path.join(EXAMPLES, name, "expected.json")).map((expected, at) => ({ name, at, expected })),
);

test.each(folders)("examples - %s says in a README what it shows", (name) => {
  expect(existsSync(path.join(EXAMPLES, name, "README.md"))).toBe(true);
});

describe.concurrent("examples", () => {
  test.each(cases)(
    "examples - $name ends as it should (case $at)",
    { timeout: 600_000 },
    async ({ name, at, expected }) => {
      const run = await started(name, `case-${at}`, expected);
      const handle = fleet.temporal.workflow.getHandle(run.workflowId);
      for (const [task, [verb, ...flags]] of Object.entries(expected.answers)) {
        await eventually(`${task} of ${name} asks`, async () => (await reportOf(handle)).tasks[task]?.reason);
        expect(await fleet.run(verb, run.workflowId, task, "--by", "anna", ...flags)).toMatchObject({ code: 0 });
      }
      await handle.result().catch(() => undefined);
      const report = await reportOf(handle);
      const ends = Object.entries(report.tasks).map(([task, { state }]) => [task, state]);
      expect({ state: report.state, tasks: Object.fromEntries(ends) }).toEqual({
        state: expected.state,
        tasks: expected.tasks,
      });
      expect(report.outputs).toEqual(expected.outputs);
      for (const [task, attempts] of Object.entries(expected.attempts))
        expect({ task, attempts: report.tasks[task]?.attempts }).toEqual({ task, attempts });
      for (const [task, lines] of Object.entries(expected.lines))
        expect((await fleet.run("logs", run.workflowId, task)).stdout).toBe(`${lines.join("\n")}\n`);
    },
  );
});

/** Started as a reader of the example would start it. */
async function started(name: string, runId: string, { params }: Expected): Promise<{ readonly workflowId: string }> {
  const given = Object.entries(params).flatMap(([param, value]) => ["-p", `${param}=${String(value)}`]);
  const { code, stdout, stderr } = await fleet.run("run", await dagOf(name), "--run-id", runId, ...given, "-o", "json");
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout);
}

/** A folder with its dag.yaml, or what its dag.ts builds. */
async function dagOf(name: string): Promise<string> {
  const module = path.join(EXAMPLES, name, "dag.ts");
  if (!existsSync(module)) return path.join(EXAMPLES, name);
  const { code, stdout, stderr } = await fleet.run("build", module);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const file = path.join(scratch, `${name}.json`);
  writeFileSync(file, stdout);
  return file;
}
