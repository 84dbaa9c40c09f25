import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const BIN = path.join(ROOT, "services/cli/bin/slipway.js");

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(path.join(tmpdir(), "slipway-build-"));
});
afterAll(() => rmSync(cwd, { recursive: true }));

/** The command as people start it: it finds its own Node. */
function build(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, "build", ...args], {
    cwd,
    encoding: "utf8",
    env: { ...process.env, SECRET_OF_THE_SHELL: "seen" },
  });
  return { code: status, stdout, stderr };
}
function file(name: string, text: string): string {
  writeFileSync(path.join(cwd, name), text);
  return name;
}
const model = (more: string) => `export default { dag: "d", tasks: { a: { image: "x", args: [${more}] } } };\n`;

test("build - the example's DAG is printed as JSON that is a DAG file", () => {
  const { code, stdout, stderr } = build(path.join(ROOT, "examples/builder/dag.ts"));
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({
    dag: "builder_etl",
    tasks: { "load-eu": { after: ["start"] }, page: { rule: "one_failed", after: ["load-eu", "load-us"] } },
  });
});

test.each([
  ["the clock", "String(process.hrtime.bigint())"],
  ["chance", "String(Math.random())"],
])("build - a DAG that depends on %s is refused: two builds differ", (_, argument) => {
  const { code, stdout, stderr } = build(file("differs.ts", model(argument)));
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("error[build-differs]: two builds gave two DAGs");
});

test.each([
  ["a connection", '(await import("node:net")).connect(9);'],
  ["fetch", 'await fetch("http://127.0.0.1:9/").catch((error) => { throw error.cause ?? error; });'],
  ["a name", 'await (await import("node:dns/promises")).lookup("localhost");'],
])("build - %s is refused while a DAG is built", (_, statement) => {
  const { code, stderr } = build(file("network.ts", `${statement}\n${model('"x"')}`));
  expect(code).toBe(1);
  expect(stderr).toContain("no network while a DAG is built");
});

test.each([
  ["writes a file", 'import { writeFileSync } from "node:fs"; writeFileSync("made.txt", "x");'],
  ["starts a process", 'import { execFileSync } from "node:child_process"; execFileSync("true");'],
])("build - a program that %s is stopped by Node's permission model", (_, statement) => {
  const { code, stderr } = build(file("acts.ts", `${statement}\n${model('"x"')}`));
  expect(code).toBe(1);
  expect(stderr).toContain("ERR_ACCESS_DENIED");
});

test("build - a file sees nothing of the environment", () => {
  const { stdout } = build(file("env.ts", model("String(process.env.SECRET_OF_THE_SHELL)")));
  expect(JSON.parse(stdout).tasks.a.args).toEqual(["undefined"]);
});

test("build - what is built is checked as lint checks it; what is no DAG says so", () => {
  const bad = build(file("bad.ts", 'export default { dag: "d", tasks: { a: { imgae: "x" } } };'));
  expect(bad.code).toBe(2);
  expect(bad.stderr).toContain("did you mean `image`?");
  const none = build(file("none.ts", "export const x = 1;"));
  expect(none.code).toBe(1);
  expect(none.stderr).toContain("error[build-failed]");
  expect(build(file("throws.ts", 'throw new Error("my own words");')).stderr).toContain("my own words");
});

test("build - a command that prints the model, in any language; one that fails shows its own words", () => {
  file("dag.json", JSON.stringify({ dag: "printed", tasks: { a: { noop: {} } } }));
  const printed = build("--", "cat", "dag.json");
  expect(JSON.parse(printed.stdout)).toEqual({ dag: "printed", tasks: { a: { noop: {} } } });
  const failed = build("--", "cat", "nope.json");
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(/cat built no DAG: it ended with exit code 1[^]*nope\.json/);
  expect(build("--", "no-such-program").stderr).toContain("error[build-failed]");
});
