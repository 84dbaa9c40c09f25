import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli } from "./cli.ts";
import { testWorld } from "./test-world.ts";

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(path.join(tmpdir(), "slipway-cli-"));
});
afterAll(() => rmSync(cwd, { recursive: true }));

async function slipway(...argv: string[]) {
  const world = testWorld({ cwd });
  const code = await runCli(argv, world);
  return { code, stdout: world.stdout(), stderr: world.stderr() };
}
function file(name: string, text: string | Uint8Array): string {
  writeFileSync(path.join(cwd, name), text);
  return name;
}

const HELLO = `
dag: hello
params: { image: "example/app:1", word: hi }
defaults: { env: { A: b }, metadata: { labels: { team: data } }, command: [sh, -c] }
tasks:
  start: { noop: {} }
  greet: { after: start, image: "\${{ params.image }}", args: ["echo \${{ params.word }}"], env: { C: d }, timeout: 5m }
`;

test("lint - what is fine is said on stdout, exit 0; a folder means its dag.yaml", async () => {
  file("dag.yaml", HELLO);
  expect(await slipway("lint", ".")).toEqual({ code: 0, stdout: "ok  dag.yaml  hello, 2 tasks\n", stderr: "" });
});

test("lint - every problem of every file on stdout with its place, exit 2", async () => {
  const bad = file("bad.yaml", "dag: bad\ntasks:\n  a:\n    image: Python:3.6\n    comand: [x]\n");
  const { code, stdout, stderr } = await slipway("lint", "dag.yaml", bad);
  expect(code).toBe(2);
  expect(stdout).toContain("ok  dag.yaml");
  expect(stdout).toContain("--> bad.yaml:5:5   tasks.a.comand");
  expect(stderr).toMatch(/^\d problems?\n$/);
});

test("lint - a file that is not there: cannot-read, exit 1", async () => {
  const { code, stderr } = await slipway("lint", "nope.yaml");
  expect(code).toBe(1);
  expect(stderr).toContain("error[cannot-read]: nope.yaml cannot be read\n  --> nope.yaml");
});

test.each([
  ["Latin-1", Buffer.from("dag: d\ntasks: { caf\u00e9: { noop: {} } }\n", "latin1"), "2:13"],
  ["UTF-16", Buffer.from("\ufeffdag: d\n", "utf16le"), "1:1"],
  ["cut", Buffer.from("dag: d\n# \u20ac").subarray(0, -1), "2:3"],
])("lint - a file that is not UTF-8 (%s) is refused, not changed: exit 2", async (_, bytes, place) => {
  const { code, stdout, stderr } = await slipway("lint", file("bytes.yaml", bytes));
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(`error[yaml-syntax]: the text is not UTF-8\n  --> bytes.yaml:${place}\n`);
});

test("run - a refused DAG is refused before any server is asked: nothing on stdout, exit 2", async () => {
  const bad = file("cycle.yaml", "dag: c\ntasks:\n  a: { image: x, after: b }\n  b: { image: x, after: a }\n");
  const { code, stdout, stderr } = await slipway("run", bad, "--temporal", "127.0.0.1:1");
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain("error[cycle]");
});

test("run - a file with several DAGs needs to be told which", async () => {
  const two = file("two.yaml", "dag: one\ntasks: { a: { noop: {} } }\n---\ndag: two\ntasks: { a: { noop: {} } }\n");
  const { code, stderr } = await slipway("run", two, "--temporal", "127.0.0.1:1");
  expect(code).toBe(2);
  expect(stderr).toContain("two.yaml holds several DAGs: one, two\n");
  expect((await slipway("run", two, "--dag", "three", "--temporal", "127.0.0.1:1")).stderr).toContain(
    'holds no DAG "three"',
  );
});

test("render - the exact pods, with params in place and the values that came from defaults marked", async () => {
  file("dag.yaml", HELLO);
  const { code, stdout, stderr } = await slipway("render", ".", "-p", "word=ho", "--namespace", "jobs");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatchInlineSnapshot(`
    "# start: does nothing, has no pod
    ---
    # greet, attempt 1; name, labels and annotations of the run are only known when it runs

    apiVersion: v1
    kind: Pod
    metadata:
      name: greet-1-16db2120c9ecbdeb
      namespace: jobs
      labels:
        team: data # defaults
        slipway.dev/installation: slipway
        slipway.dev/temporal-namespace-id: ""
        slipway.dev/dag: hello
        slipway.dev/run: RUN
        slipway.dev/task: greet
        slipway.dev/index: ""
        slipway.dev/attempt: "1"
      annotations:
        slipway.dev/attempt-key: '["slipway","dag/hello/RUN","RUN","greet",null,1]'
        slipway.dev/workflow-id: dag/hello/RUN
        slipway.dev/first-execution-run-id: RUN
        slipway.dev/dag: hello
        slipway.dev/run: RUN
        slipway.dev/task: greet
        kubectl.kubernetes.io/default-container: main
    spec:
      automountServiceAccountToken: false
      containers:
        - name: main
          terminationMessagePolicy: FallbackToLogsOnError
          command:
            - sh # defaults
            - -c # defaults
          image: example/app:1
          args:
            - echo ho
          env:
            - name: SLIPWAY_DAG
              value: hello
            - name: SLIPWAY_RUN
              value: RUN
            - name: SLIPWAY_TASK
              value: greet
            - name: SLIPWAY_INDEX
              value: ""
            - name: SLIPWAY_ATTEMPT
              value: "1"
            - name: SLIPWAY_OUTPUTS
              value: /dev/termination-log
            - name: A # defaults
              value: b # defaults
            - name: C
              value: d
      restartPolicy: Never
      activeDeadlineSeconds: 2160
    "
  `);
});
