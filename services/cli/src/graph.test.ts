import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli } from "./cli.ts";
import { testWorld } from "./test-world.ts";

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(path.join(tmpdir(), "slipway-graph-"));
  writeFileSync(path.join(cwd, "dag.yaml"), BRANCH);
});
afterAll(() => rmSync(cwd, { recursive: true }));

async function graph(
  argv: readonly string[],
  terminal: { columns?: number; tty?: boolean; env?: Record<string, string> } = {},
) {
  const world = testWorld({ cwd, columns: 100, tty: true, env: { NO_COLOR: "1" }, ...terminal });
  const code = await runCli(["graph", ...argv], world);
  return { code, stdout: world.stdout(), stderr: world.stderr() };
}

const BRANCH = `
dag: branch_join
defaults: { image: "jobs:7" }
tasks:
  inspect: { args: [inspect] }
  full: { after: inspect, args: [full] }
  delta: { after: inspect, args: [delta] }
  join: { after: [full, delta], rule: none_failed_min_one_success }
  repair: { after: [full, delta], rule: one_failed }
  end: { after: { join: succeeded, repair: [succeeded, skipped] }, noop: {} }
`;

test("graph - each task once, its other upstreams, rules and states beside it", async () => {
  const { code, stdout, stderr } = await graph(["."]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatchInlineSnapshot(`
    "branch_join  6 tasks
    inspect
    ├─ full
    │  ├─ join  none_failed_min_one_success  ← delta
    │  │  └─ end  noop  ← join (succeeded), repair (succeeded, skipped)
    │  └─ repair  one_failed  ← delta
    └─ delta
    "
  `);
});

test("graph - what may not run by a condition of its own says so; the rule that finally has anyway is left out", async () => {
  const file = path.join(cwd, "if.yaml");
  writeFileSync(
    file,
    "dag: d\ntasks: { a: { noop: {}, if: \"ds > '2026'\" }, b: { noop: {}, after: a } }\n" +
      "finally: { c: { noop: {} }, d: { noop: {}, after: c, rule: one_failed } }\n",
  );
  expect((await graph([file])).stdout).toMatchInlineSnapshot(`
    "d  4 tasks
    a  noop  if
    └─ b  noop
    c  noop  finally
    └─ d  noop  finally  one_failed
    "
  `);
  expect(JSON.parse((await graph([file, "-o", "json"])).stdout)).toMatchObject({ tasks: [{ if: true }, {}, {}, {}] });
});

test("graph - --if plays ends through the rules: each task's end and why, and the run's", async () => {
  expect((await graph([".", "--if", "full=failed,delta=skipped"])).stdout).toMatchInlineSnapshot(`
    "branch_join  6 tasks  failed
    inspect  succeeded
    ├─ full  failed
    │  ├─ join  upstream_failed  full did not succeed  none_failed_min_one_success  ← delta
    │  │  └─ end  upstream_failed  join did not succeed  noop  ← join (succeeded), repair (succeeded, s…
    │  └─ repair  succeeded  one_failed  ← delta
    └─ delta  skipped  as said
    "
  `);
  expect((await graph([".", "--if", ""])).stdout).toContain("branch_join  6 tasks  succeeded\n");
});

test("graph - a narrow terminal cuts what explains, never a name or an end; colour only where it is wanted", async () => {
  const narrow = (await graph([".", "--if", "full=failed"], { columns: 36 })).stdout;
  expect(Math.max(...narrow.split("\n").map((line) => line.length))).toBeLessThanOrEqual(36);
  expect(narrow).toContain("join  upstream_failed");
  expect((await graph([".", "--if", "full=failed"], { columns: 36, tty: false })).stdout).toContain("repair (");
  const forced = { FORCE_COLOR: "1" };
  expect((await graph(["."], { env: forced })).stdout).toContain("\u001b[");
  expect((await graph(["."], { env: { ...forced, NO_COLOR: "1" }, tty: true })).stdout).not.toContain("\u001b[");
});

test("graph - a chain deeper than the terminal goes on at the margin, each task once", async () => {
  const names = Array.from({ length: 60 }, (_, at) => `t${at}`);
  const chain = names.map((name, at) => `  ${name}: { noop: {}${at === 0 ? "" : `, after: t${at - 1}`} }`);
  writeFileSync(path.join(cwd, "chain.yaml"), `dag: chain\ntasks:\n${chain.join("\n")}\n`);
  const { stdout } = await graph(["chain.yaml"], { columns: 60 });
  const lines = stdout.trimEnd().split("\n").slice(1);
  expect(lines.map((line) => /t\d+/.exec(line)?.[0])).toEqual(names);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
  expect(lines.filter((line) => line.startsWith("t"))[1]).toMatch(/^t\d+ {2}noop {2}← t\d+$/);
});

test("graph - for other programs: json with states, dot, mermaid", async () => {
  const { stdout } = await graph([".", "--if", "full=failed", "-o", "json"]);
  expect(JSON.parse(stdout)).toMatchObject({
    dag: "branch_join",
    state: "failed",
    tasks: expect.arrayContaining([
      { name: "full", kind: "pod", after: ["inspect"], rule: "all_success", state: "failed" },
      {
        name: "end",
        kind: "noop",
        after: { join: ["succeeded"], repair: ["succeeded", "skipped"] },
        state: "upstream_failed",
        reason: "join did not succeed",
      },
    ]),
  });
  expect((await graph([".", "-o", "dot"])).stdout).toContain('  "join" -> "end" [label="succeeded"];\n');
  expect((await graph([".", "-o", "mermaid"])).stdout).toContain("  t0 --> t1\n");
});

test.each([
  ["ful=failed", "did you mean full?"],
  ["full=broken", "full=succeeded, full=failed, full=skipped"],
  ["full", "is no end"],
])("graph - --if %s is refused: %s", async (text, told) => {
  const { code, stderr } = await graph([".", "--if", text]);
  expect(code).toBe(2);
  expect(stderr).toContain(told);
});

test("graph - a task over a list is one, and ends as one in a rehearsal", async () => {
  const dag = `
dag: each
defaults: { image: x }
tasks:
  load: { forEach: "\${{ range(9) }}" }
  next: { after: load }
`;
  writeFileSync(path.join(cwd, "each.yaml"), dag);
  expect((await graph(["each.yaml"])).stdout).toBe("each  2 tasks\nload  forEach\n└─ next\n");
  expect((await graph(["each.yaml", "--if", "load=skipped"])).stdout).toMatchInlineSnapshot(`
    "each  2 tasks  succeeded
    load  skipped  as said  forEach
    └─ next  skipped  an upstream was skipped
    "
  `);
});

test("graph - --if answers an approval by one of its options", async () => {
  const review = "review: { approve: { message: Go?, options: [ship, reject] } }";
  writeFileSync(path.join(cwd, "approval.yaml"), `dag: d\ntasks: { ${review}, next: { after: review, image: x } }\n`);
  const { code, stdout } = await graph(["approval.yaml", "--if", "review=reject"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/review +failed[^]*next +upstream_failed/);
  const other = await graph(["approval.yaml", "--if", "review=shp"]);
  expect(other.code).toBe(2);
  expect(other.stderr).toContain("review=ship, review=reject, review=succeeded");
});
