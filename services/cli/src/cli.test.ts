import { expect, test } from "vitest";
import { runCli } from "./cli.ts";
import { NOT_YET_VERBS } from "./not-yet.ts";
import { testWorld } from "./test-world.ts";

async function slipway(...argv: string[]) {
  const world = testWorld();
  const code = await runCli(argv, world);
  return { code, stdout: world.stdout(), stderr: world.stderr() };
}

test("usage - an unknown command is told as every error is, with the nearest one, on stderr, exit 2", async () => {
  const { code, stdout, stderr } = await slipway("descibe", "@latest");
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatchInlineSnapshot(`
    "error[usage]: unknown command 'descibe'
      why: a flag, an argument or a value is not one that this command knows
      fix: did you mean describe?
      more: slipway explain usage
    "
  `);
});

test.each([
  [["run", "x.yaml", "--wiat"], "unknown option '--wiat'", "did you mean --wait?"],
  [["lgos"], "unknown command 'lgos'", "did you mean logs?"],
  [["bogus"], "unknown command 'bogus'", "`slipway --help` lists the commands"],
  [["--bogus"], "unknown option '--bogus'", "`slipway --help` lists the commands"],
  [["get", "runs", "--bogus"], "unknown option '--bogus'", "see `slipway get --help`"],
  [["lint"], "missing required argument 'path'", "see `slipway lint --help`"],
  [["lint", "dag.ts"], "dag.ts is a program, not a DAG file", "slipway build dag.ts > dag.json, and take that"],
  [["run", "x.yaml", "--run-id"], "option '--run-id <id>' argument missing", "see `slipway run --help`"],
])("usage - slipway %s: code, why and fix", async (argv, what, fix) => {
  const { code, stdout, stderr } = await slipway(...argv);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  const why = "a flag, an argument or a value is not one that this command knows";
  expect(stderr).toBe(`error[usage]: ${what}\n  why: ${why}\n  fix: ${fix}\n  more: slipway explain usage\n`);
});

test("usage - no command at all: the help on stderr, exit 2", async () => {
  const { code, stdout, stderr } = await slipway("--");
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain("Usage: slipway");
});

test.each([
  [["run"], "missing required argument 'path'"],
  [["get", "things"], "Allowed choices are runs, tasks, dags, pools"],
  [["get", "runs", "-o", "xml"], "Allowed choices are table, wide, json, yaml, name"],
  [["logs", "@latest", "--attempt", "zero"], "--attempt: a whole number from 1 on is wanted, or all"],
  [["logs", "@latest", "--attempt", "0"], "--attempt: a whole number from 1 on is wanted, or all"],
  [["logs", "@latest", "--tail", "100001"], "--tail: at most 100000"],
  [["up", "--nats", "nats://me:word@host"], "--nats: an address without a user: others can see it"],
  [["logs", "@latest", "--temporal", "h:1", "--nats", "nats://me:word@host"], "--nats takes an address without a user"],
  [["events", "@latest", "--type", "moon"], '--type: there is no event "moon": run.started, '],
  [["logs", "@latest", "--from-line", "0"], "--from-line: at least 1"],
  [["logs", "@latest", "--since", "5"], '--since: "5" is no duration (30s, 5m, 1h30m) and no time'],
  [["logs", "@latest", "--grep", "/(/"], "--grep: /(/ is not a regular expression of RE2"],
  [["get", "runs", "--limit", "0"], "--limit: at least 1"],
  [["wait", "@latest", "--timeout", "5"], '--timeout: "5" is not a duration: 30s, 5m, 1h30m'],
  [["run", "x.yaml", "--wait", "--logs"], "cannot be used with"],
])("usage - slipway %s says what is wrong, exit 2", async (argv, expected) => {
  const { code, stdout, stderr } = await slipway(...argv);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(expected);
});

test("help - on stdout, exit 0, at any depth", async () => {
  expect(await slipway("--help")).toMatchObject({ code: 0, stderr: "" });
  expect(await slipway("help", "run")).toMatchObject({ code: 0, stderr: "" });
  expect((await slipway("run", "--help")).stdout).toContain("--run-id <id>");
  expect((await slipway()).stdout).toContain("Usage: slipway");
});

test.each(NOT_YET_VERBS)("not yet - %s is known by name, whatever follows it, exit 2", async (verb) => {
  const { code, stderr } = await slipway(verb, "a", "--flag", "-x", "--help");
  expect(code).toBe(2);
  expect(stderr).toContain(`error[not-yet]: slipway ${verb} is planned but not part of this version`);
});

test("explain - a code of the catalogue, the kind of an outcome, a stop of the local stack", async () => {
  const { code, stdout } = await slipway("explain", "run-exists", "oom_killed", "StackNoGo");
  expect(code).toBe(0);
  expect(stdout).toMatchInlineSnapshot(`
    "run-exists: a run with this id exists already
      why: a run id means one run for ever: its pods, logs and events carry it
      fix: leave --run-id out, or choose another id

    oom_killed: the main container used more memory than its limit
      why: the kernel ends a container at resources.limits.memory
      fix: raise resources.limits.memory, or use less; the attempt counts against retries.limit

    StackNoGo: Go is missing or too old
      why: the local servers are built from their pinned Go modules
      fix: install Go 1.26 or newer, or bring servers: \`slipway up --context NAME --temporal ADDRESS --nats URL\`
    "
  `);
});

test("explain - the failures that a plain Temporal client sees", async () => {
  const { code, stdout } = await slipway("explain", "InvalidDag", "DagFailed", "InvalidStart");
  expect(code).toBe(0);
  expect(stdout.match(/^\w+: .*/gm)).toEqual([
    "InvalidDag: the input of the run was refused",
    "DagFailed: the run failed",
    "InvalidStart: the workflow was started in a way that would repeat a run",
  ]);
});

test("explain - an unknown code names the nearest one, exit 2", async () => {
  const { code, stderr } = await slipway("explain", "start_eror");
  expect(code).toBe(2);
  expect(stderr).toContain("fix: did you mean start_error?");
});

test("connection - nobody says where Temporal is: no-address, exit 1", async () => {
  const { code, stdout, stderr } = await slipway("get", "runs");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("error[no-address]: where is Temporal?");
});

test("env - without a local stack: no-address, exit 1", async () => {
  const { code, stdout, stderr } = await slipway("env");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("error[no-address]: there is no local stack here");
  expect(stderr).toContain("fix: start it with `slipway up`");
});
