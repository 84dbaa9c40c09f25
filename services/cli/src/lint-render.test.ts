import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
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

test("lint - all tasks are counted: those of groups, and of every finally", async () => {
  const nested =
    "dag: d\ntasks: { g: { tasks: { a: { noop: {} } }, finally: { b: { noop: {} } } } }\nfinally: { c: { noop: {} } }\n";
  expect((await slipway("lint", file("nested.yaml", nested))).stdout).toBe("ok  nested.yaml  d, 4 tasks\n");
});

test("lint - every problem of every file on stdout with its place, exit 2", async () => {
  const bad = file("bad.yaml", "dag: bad\ntasks:\n  a:\n    image: Python:3.6\n    comand: [x]\n");
  const { code, stdout, stderr } = await slipway("lint", "dag.yaml", bad);
  expect(code).toBe(2);
  expect(stdout).toContain("ok  dag.yaml");
  expect(stdout).toContain("--> bad.yaml:5:5   tasks.a.comand");
  expect(stderr).toMatch(/^\d problems?\n$/);
});

test("lint - -o github marks each place, its text escaped; -o json is the same as data; both exit 2", async () => {
  const bad = file("a,b.yaml", "dag: bad\ntasks:\n  a:\n    image: x\n    comand: [x]\n");
  const github = await slipway("lint", bad, "-o", "github");
  expect(github.code).toBe(2);
  expect(github.stdout).toBe(
    "::error file=a%2Cb.yaml,line=5,col=5,title=unknown-field::`comand` is not a field of a task%0A" +
      "why: a misspelt field that is ignored changes what runs without a word%0Afix: did you mean `command`?\n",
  );
  const json = await slipway("lint", bad, "dag.yaml", "-o", "json");
  expect(json.code).toBe(2);
  expect(JSON.parse(json.stdout)).toEqual({
    problems: [
      {
        severity: "error",
        code: "unknown-field",
        file: "a,b.yaml",
        line: 5,
        column: 5,
        path: "tasks.a.comand",
        what: "`comand` is not a field of a task",
        why: expect.any(String),
        fix: "did you mean `command`?",
        instead: "command",
      },
    ],
  });
  expect(await slipway("lint", "dag.yaml", "-o", "github")).toEqual({ code: 0, stdout: "", stderr: "" });
});

test("lint - --fix writes what is beyond doubt, says each line before and after, and tells what is left", async () => {
  const slips = file("slips.yaml", "dag: s\r\ntasks:\r\n  a:\r\n    imgae: x # what runs\r\n    timeout: 60\r\n");
  const first = await slipway("lint", "--fix", slips);
  expect(first.code).toBe(2);
  expect(first.stderr).toBe("fixed  slips.yaml:4:5\n  - imgae: x # what runs\n  + image: x # what runs\n1 problem\n");
  expect(first.stdout).toContain("fix: write the unit: `60s` or `60m`");
  expect(readFileSync(path.join(cwd, slips), "utf8")).toBe(
    "dag: s\r\ntasks:\r\n  a:\r\n    image: x # what runs\r\n    timeout: 60\r\n",
  );
  expect((await slipway("lint", "--fix", slips)).stderr).toBe("1 problem\n");
});

test("lint - --fix leaves a file without problems as it is, byte for byte", async () => {
  const { mtimeMs } = statSync(path.join(cwd, "dag.yaml"));
  expect(await slipway("lint", "--fix", ".")).toMatchObject({ code: 0, stderr: "" });
  expect(statSync(path.join(cwd, "dag.yaml")).mtimeMs).toBe(mtimeMs);
  expect(readFileSync(path.join(cwd, "dag.yaml"), "utf8")).toBe(HELLO);
});

test("lint - a warning is a warning in every format, and exit 0", async () => {
  const secret = file("secret.yaml", "dag: s\nparams: { api_token: x }\ntasks: { a: { noop: {} } }\n");
  const { code, stdout } = await slipway("lint", secret, "-o", "github");
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringContaining("::warning file=secret.yaml,line=2,col=11,title=secret-param::"),
  });
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
    "# Lines without a mark are the task's own; the others are the DAG's defaults, a template's, the installation's, or Slipway's.
    # start: does nothing, has no pod
    ---
    # greet, attempt 1; name, labels and annotations of the run are only known when it runs

    apiVersion: v1 # slipway
    kind: Pod # slipway
    metadata:
      name: greet-1-16db2120c9ecbdeb # slipway
      namespace: jobs # installation
      labels:
        team: data # defaults
        slipway.dev/installation: slipway # slipway
        slipway.dev/temporal-namespace-id: "" # slipway
        slipway.dev/dag: hello # slipway
        slipway.dev/run: RUN # slipway
        slipway.dev/task: greet # slipway
        slipway.dev/index: "" # slipway
        slipway.dev/attempt: "1" # slipway
      annotations:
        slipway.dev/attempt-key: '["slipway","dag/hello/RUN","RUN","greet",null,1]' # slipway
        slipway.dev/workflow-id: dag/hello/RUN # slipway
        slipway.dev/first-execution-run-id: RUN # slipway
        slipway.dev/dag: hello # slipway
        slipway.dev/run: RUN # slipway
        slipway.dev/task: greet # slipway
        kubectl.kubernetes.io/default-container: main # slipway
    spec:
      automountServiceAccountToken: false # slipway
      containers:
        - name: main # slipway
          terminationMessagePolicy: FallbackToLogsOnError # slipway
          command:
            - sh # defaults
            - -c # defaults
          image: example/app:1
          args:
            - echo ho
          env:
            - name: SLIPWAY_DAG # slipway
              value: hello # slipway
            - name: SLIPWAY_RUN # slipway
              value: RUN # slipway
            - name: SLIPWAY_TASK # slipway
              value: greet # slipway
            - name: SLIPWAY_INDEX # slipway
              value: "" # slipway
            - name: SLIPWAY_ATTEMPT # slipway
              value: "1" # slipway
            - name: SLIPWAY_OUTPUTS # slipway
              value: /dev/termination-log # slipway
            - name: A # defaults
              value: b # defaults
            - name: C
              value: d
      restartPolicy: Never # slipway
      activeDeadlineSeconds: 2160 # slipway
    "
  `);
});

const PARTS = `
dag: parts
defaults:
  namespace: low
  mainContainer: job
  pod: { serviceAccountName: sa, containers: [{ name: job, workingDir: /w, env: [{ name: U, value: u }] }] }
tasks:
  load:
    image: a:1
    env: { A: "1" }
    timeout: 5m
    outputs: { rows: 0 }
    pod:
      restartPolicy: Never
      activeDeadlineSeconds: 60
      containers:
        - { name: side, image: "b:1" }
        - { name: job, terminationMessagePath: /tmp/out }
`;

test("render - each line with its origin: what is laid into pod.containers, what the task says as Slipway would, what Slipway adds", async () => {
  const { stdout } = await slipway("render", file("parts.yaml", PARTS));
  expect(stdout.slice(stdout.indexOf("annotations:"))).toMatchInlineSnapshot(`
    "annotations:
        slipway.dev/attempt-key: '["slipway","dag/parts/RUN","RUN","load",null,1]' # slipway
        slipway.dev/workflow-id: dag/parts/RUN # slipway
        slipway.dev/first-execution-run-id: RUN # slipway
        slipway.dev/dag: parts # slipway
        slipway.dev/run: RUN # slipway
        slipway.dev/task: load # slipway
        kubectl.kubernetes.io/default-container: job # defaults
    spec:
      automountServiceAccountToken: false # slipway
      serviceAccountName: sa # defaults
      containers:
        - name: job # defaults
          terminationMessagePolicy: File # slipway
          workingDir: /w # defaults
          terminationMessagePath: /tmp/out
          image: a:1
          env:
            - name: SLIPWAY_DAG # slipway
              value: parts # slipway
            - name: SLIPWAY_RUN # slipway
              value: RUN # slipway
            - name: SLIPWAY_TASK # slipway
              value: load # slipway
            - name: SLIPWAY_INDEX # slipway
              value: "" # slipway
            - name: SLIPWAY_ATTEMPT # slipway
              value: "1" # slipway
            - name: SLIPWAY_OUTPUTS # slipway
              value: /tmp/out # slipway
            - name: U # defaults
              value: u # defaults
            - name: A
              value: "1"
        - name: side
          image: b:1
      restartPolicy: Never
      activeDeadlineSeconds: 60
    "
  `);
  expect(stdout).toContain("namespace: low # defaults");
});

test("render - what a template gave says so, with its name", async () => {
  const dag = file(
    "templates.yaml",
    `
dag: templates
defaults: { command: [echo] }
templates: { worker: { params: { verb: x }, image: "a:1", args: ["\${{ params.verb }}"], env: { A: b } } }
tasks: { index: { use: worker, with: { verb: index }, env: { C: d } } }
`,
  );
  const { stdout } = await slipway("render", dag);
  expect(stdout).toContain("image: a:1 # template worker\n");
  expect(stdout).toContain("- echo # defaults\n");
  expect(stdout).toContain("- index # template worker\n");
  expect(stdout).toContain("value: b # template worker\n");
  expect(stdout).toContain("value: d\n");
});
