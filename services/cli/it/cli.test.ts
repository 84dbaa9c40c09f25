/** The command against real servers, each story with runs of its own: exit codes, streams, Ctrl-C, and what it does when a server is away. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aFleet, type Command, eventually, sharedFleet, start } from "@slipway/testbed";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";

const stack = inject("slipway");
// Several at once: each takes as long as it would alone on half a machine.
vi.setConfig({ testTimeout: 240_000 });
const fleet = sharedFleet();
let folder: string;
let counting: string;

const COUNTING = `
dag: counting
params: { n: 3, word: tick }
defaults: { image: slipway.local/busybox:1, command: [sh, -c], pod: { terminationGracePeriodSeconds: 1 } }
tasks:
  count: { args: ["for i in $(seq \${{ params.n }}); do echo \${{ params.word }} $i; sleep 0.2; done"] }
  end: { after: count, noop: {} }
`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-cli-it-"));
  counting = join(folder, "dag.yaml");
  writeFileSync(counting, COUNTING);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
});

async function running(...args: string[]): Promise<Command> {
  const command = fleet.start(...args);
  await eventually("the first attempt runs", () => command.stderr().includes("attempt 1 running"));
  return command;
}

test.concurrent("run --wait - a line per change on stderr, the report on stdout, exit 0; -p by the declared type", async () => {
  const { code, stdout, stderr } = await fleet.run("run", folder, "-p", "n=2", "--wait");
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^counting\/\w{10} {2}succeeded\nTASK +STATE +ATTEMPTS +WHY\ncount +succeeded +1\nend +succeeded +0\n$/,
  );
  expect(stderr).toMatch(/\d\d:\d\d:\d\d {2}count +attempt 1 succeeded\n/);
  expect(stderr).toMatch(/run succeeded\n$/);
});

test.concurrent("run --logs - exactly the lines on stdout", async () => {
  const { code, stdout } = await fleet.run("run", counting, "-p", "word=tock", "--logs");
  expect({ code, stdout }).toEqual({ code: 0, stdout: "[count] tock 1\n[count] tock 2\n[count] tock 3\n" });
});

test.concurrent("run - without waiting: ids and links on stdout; as json and name too; the same id twice is refused", async () => {
  const { code, stdout, stderr } = await fleet.run("run", counting, "-p", "n=1", "--run-id", "twice", "-o", "json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({ workflowId: "dag/counting/twice", links: { logs: "slipway logs twice" } });
  expect(await fleet.run("run", counting, "-o", "name", "--run-id", "other")).toMatchObject({
    code: 0,
    stdout: "dag/counting/other\n",
  });
  const again = await fleet.run("run", counting, "--run-id", "twice");
  expect(again).toMatchObject({ code: 1, stdout: "" });
  expect(again.stderr).toContain("error[run-exists]: there is already a run dag/counting/twice");
});

test.concurrent("run --wait - Ctrl-C lets go with 130; cancel ends the run; wait exits 4", async () => {
  const command = await running("run", counting, "-p", "n=1000", "--run-id", "detached", "--wait");
  const { code, stderr } = await command.stop("SIGINT");
  expect(code).toBe(130);
  expect(stderr).toContain("detached: the run goes on\n  end it:    slipway cancel detached\n");
  expect((await fleet.run("get", "tasks", "detached", "-o", "json")).stdout).toContain('"running"');
  expect(await fleet.run("wait", "detached", "--timeout", "1s")).toMatchObject({ code: 5, stdout: "" });

  const logs = fleet.start("logs", "detached", "-f");
  await eventually("lines come", () => logs.stdout().includes("tick 3\n"));
  expect(await logs.stop("SIGINT")).toMatchObject({ code: 130, stderr: "" });

  expect(await fleet.run("cancel", "detached", "--reason", "enough")).toMatchObject({ code: 0 });
  const waited = await fleet.run("wait", "detached");
  expect(waited).toMatchObject({ code: 4 });
  expect(waited.stdout).toMatch(/^counting\/detached {2}cancelled\n/);
  expect((await fleet.run("describe", "detached")).stdout).toMatch(
    /count, attempt 1: .*\(cancelled: slipway explain cancelled\)/,
  );
  const twice = await fleet.run("cancel", "detached");
  expect(twice.code).toBe(1);
  expect(twice.stderr).toContain("error[run-closed]");
});

test.concurrent("logs - one reader goes away early, the command ends quietly", async () => {
  const { code } = await fleet.run("run", counting, "-p", "n=2", "--run-id", "piped", "--wait");
  expect(code).toBe(0);
  const shell = start(
    "sh",
    ["-c", `${process.execPath} services/cli/bin/slipway.js logs piped | head -n 1`],
    fleet.env,
  );
  expect(await shell.finished).toMatchObject({ code: 0, stdout: "tick 1\n", stderr: "" });
});

test.concurrent("logs --tail, --from-line, --since, --grep - choose lines, whose numbers stay what they are", async () => {
  expect(await fleet.run("run", counting, "-p", "n=12", "--run-id", "chosen", "--wait")).toMatchObject({ code: 0 });
  const shown = async (...flags: string[]) => (await fleet.run("logs", "chosen", ...flags)).stdout;
  expect(await shown("--tail", "2")).toBe("tick 11\ntick 12\n");
  expect(await shown("--tail", "2", "-f")).toBe("tick 11\ntick 12\n");
  expect(await shown("--grep", "tick 1")).toBe("tick 1\ntick 10\ntick 11\ntick 12\n");
  expect(await shown("--grep", "/k [35]$/", "--since", "1h")).toBe("tick 3\ntick 5\n");
  expect(await shown("--since", "0s")).toBe("");
  expect(await shown("--from-line", "10", "--since", "2020-01-01T00:00:00Z")).toBe("tick 10\ntick 11\ntick 12\n");
  const [numbered = ""] = (await shown("--grep", "tick 7", "--tail", "1", "-o", "json"))
    .split("\n")
    .filter((line) => line.includes('"line"'));
  expect(JSON.parse(numbered)).toMatchObject({ kind: "line", line: 7, text: "tick 7" });

  // A task that the run does not have is an error; a log that may come is not.
  const misspelt = await fleet.run("logs", "chosen", "cuont", "-f");
  expect(misspelt).toMatchObject({ code: 2, stdout: "" });
  expect(misspelt.stderr).toMatch(/the run chosen has no pod of a task "cuont"\n[\s\S]*did you mean count\?/);
  expect((await fleet.run("logs", "chosen", "end")).stderr).toContain("it has pods of count\n");
  const later = await fleet.run("logs", "chosen", "count", "-c", "sidecar", "--attempt", "3");
  expect(later).toMatchObject({ code: 0, stdout: "", stderr: "no log of count/sidecar, attempt 3, yet\n" });
});

test.concurrent("logs --tail -f - the last line there is, then what comes", async () => {
  const run = await running("run", counting, "-p", "n=1000", "--run-id", "tailed", "--wait");
  const all = fleet.start("logs", "tailed", "-f");
  await eventually("there is a log to leave out", () => all.stdout().includes("tick 10\n"));
  const tail = fleet.start("logs", "tailed", "-f", "--tail", "1");
  await eventually("lines come behind the tail", () => tail.stdout().split("\n").length > 5);
  const numbers = tail
    .stdout()
    .trimEnd()
    .split("\n")
    .map((line) => Number(line.replace("tick ", "")));
  const [first = 0] = numbers;
  expect(first).toBeGreaterThanOrEqual(10);
  expect(numbers).toEqual(numbers.map((_, at) => first + at));
  await Promise.all([all.stop("SIGINT"), tail.stop("SIGINT"), run.stop("SIGINT")]);
  expect(await fleet.run("cancel", "tailed")).toMatchObject({ code: 0 });
});

test.concurrent("events - a line each with its cause; -f from the first to run.finished; json, name; no such run", async () => {
  const failing = join(folder, "failing.yaml");
  writeFileSync(
    failing,
    "dag: failing\ntasks:\n  bad: { image: slipway.local/busybox:1, command: [sh, -c, exit 3] }\n",
  );
  expect(await fleet.run("run", failing, "--run-id", "told")).toMatchObject({ code: 0 });
  const followed = await fleet.run("events", "told", "-f");
  expect(followed).toMatchObject({ code: 0, stderr: "" });
  const lines = followed.stdout.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^\S+Z {2}run\.started +- +-$/);
  expect(lines.find((line) => line.includes("attempt.finished"))).toMatch(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}attempt\.finished {3}bad {3}1 {2}exit code 3$/,
  );
  expect(lines.at(-1)).toMatch(/ {2}run\.finished +- +- {2}failed: bad failed: exit code 3$/);
  const json = await fleet.run("events", "failing/told", "-o", "json");
  const events: unknown[] = json.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events[0]).toMatchObject({
    specversion: "1.0",
    type: "dev.slipway.run.started",
    source: `/${fleet.installation}/failing/told`,
  });
  expect(events).toContainEqual(expect.objectContaining({ type: "dev.slipway.attempt.finished", subject: "bad/-/1" }));
  const chosen = await fleet.run("events", "told", "bad", "--type", "attempt.finished", "--type", "task", "-f");
  expect(
    chosen.stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/ +/)[1]),
  ).toEqual(["attempt.finished", "task.finished"]);
  const names = await fleet.run("events", "told", "-o", "name");
  expect(new Set(names.stdout.trimEnd().split("\n")).size).toBeGreaterThanOrEqual(events.length);
  expect(await fleet.run("events", "nobody")).toMatchObject({ code: 1, stdout: "" });
});

test.concurrent("NATS away - the run is watched all the same, with a word; its logs are not to be had, and which server is said", async () => {
  const away = ["--nats", "nats://127.0.0.1:1"];
  const watched = await fleet.run("run", counting, "-p", "n=40", "--run-id", "deaf", "--wait", ...away);
  expect(watched.code).toBe(0);
  expect(watched.stderr).toMatch(
    /events cannot be read \(NATS at nats:\/\/127\.0\.0\.1:1 does not answer.*; asking Temporal once a second instead/,
  );
  expect(watched.stderr).toMatch(/count +attempt 1 succeeded/);
  expect(watched.stderr.match(/count +attempt 1 succeeded/g)).toHaveLength(1);
  const logs = await fleet.run("logs", "deaf", ...away);
  expect(logs).toMatchObject({ code: 1, stdout: "" });
  expect(logs.stderr).toContain("error[server-unreachable]: NATS at nats://127.0.0.1:1 does not answer");
});

test.concurrent("Temporal away - which server, where, what to do; exit 1", async () => {
  const { code, stdout, stderr } = await fleet.run("get", "runs", "--temporal", "127.0.0.1:1");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("error[server-unreachable]: Temporal does not answer at 127.0.0.1:1");
  expect(stderr).toContain("fix: start the local stack with `slipway up`, or say where the server is");
});

test.concurrent("no worker - said for a run that is left alone and for one that is waited for", async () => {
  const lonely = await aFleet(stack, { worker: false });
  try {
    const left = await lonely.run("run", counting);
    expect(left.code).toBe(0);
    expect(left.stderr).toContain(`error[no-worker]: no worker polls the task queue ${lonely.installation}`);
    const waited = await lonely.run("run", counting, "--wait", "--timeout", "5s");
    expect(waited.code).toBe(5);
    expect(waited.stderr).toContain("error[no-worker]");
  } finally {
    await lonely.close();
  }
});

test.concurrent("doctor - everything is well, exit 0; what is not is named with its remedy, exit 1", async () => {
  const well = await fleet.run("doctor", "--namespace", fleet.namespace);
  expect(well).toMatchObject({ code: 0, stderr: "" });
  expect(well.stdout.split("\n").filter((line) => !line.startsWith("ok "))).toEqual([""]);
  const ill = await fleet.run(
    "doctor",
    "--installation",
    "nobody",
    "--nats",
    "nats://127.0.0.1:1",
    "--context",
    "none",
  );
  expect(ill.code).toBe(1);
  expect(ill.stdout).toMatch(/fail {2}workers for pods +nobody polls nobody-pods-default\n {6}fix: start one with/);
  expect(ill.stdout).toMatch(/fail {2}NATS +NATS at nats:\/\/127\.0\.0\.1:1 does not answer/);
  expect(ill.stdout).toMatch(/fail {2}Kubernetes +.*none/);
});

// Alone: its subscriber prints the lines of every run of the installation.
test("examples/plain-client - one program starts a run, another prints its line, with nothing of ours", async () => {
  const subscriber = start(process.execPath, ["examples/plain-client/subscribe.js"], fleet.env);
  try {
    const greeting = "[greet] hello from a plain client\n";
    await eventually("a run's line is printed", async () => {
      const { code, stdout } = await start(process.execPath, ["examples/plain-client/start.js"], fleet.env).finished;
      expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("succeeded") });
      return subscriber.stdout().includes(greeting);
    });
    expect(subscriber.stdout().replaceAll(greeting, "")).toBe("");
  } finally {
    await subscriber.stop();
  }
});
