import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sha256Hex } from "../hash.ts";
import { canonicalJson, type Json, type JsonObject } from "../json.ts";
import { compileDag, versionOf } from "./compile.ts";
import { compileTask } from "./compile-task.ts";
import { compiledTask, told } from "./compiled-task.ts";
import { readDagFile, readDagJson } from "./dag-file.ts";

test("compileDag - long forms, milliseconds, and Kubernetes' words under container", () => {
  const task = {
    image: "x:1",
    env: { A: 1, B: { secretKeyRef: { name: "s", key: "k" } }, C: null },
    retries: 2,
    timeout: "1h30m",
    metadata: { labels: { n: 3 } },
    pod: { nodeSelector: { n: 1 }, terminationGracePeriodSeconds: 5 },
    resources: { requests: { cpu: 0.5 } },
  };
  expect(compiledTask(task)).toEqual({
    container: {
      image: "x:1",
      env: [
        { name: "A", value: "1" },
        { name: "B", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
        { name: "C", $patch: "delete" },
      ],
      resources: { requests: { cpu: 0.5 } },
    },
    retries: { limit: 2 },
    timeout: { attemptMs: 5_400_000 },
    metadata: { labels: { n: "3" } },
    pod: { nodeSelector: { n: "1" }, terminationGracePeriodSeconds: 5 },
  });
});

test("compileDag - problems of a file's DAG keep the file's places", () => {
  const [text] = readDagFile("dag: d\nparams: { i: x }\ntasks:\n  a:\n    image: ${{ params.i }}\n", "f.yaml");
  if (text?.read.kind !== "ok") throw new Error("the file is good");
  expect(told(compileDag(text.read.value, { i: "X" }, text.places))).toContain("f.yaml:5:12   tasks.a.image");
});

test("compileDag - the version is the document's, however it was written and whatever its params", () => {
  const [yaml] = readDagFile("# comment\ntasks:\n  a: { after: [], image: x, retries: 1 }\ndag: d\nparams: { p: 1 }\n");
  const json = readDagJson({
    dag: "d",
    params: { p: { default: 1, type: "integer" } },
    tasks: { a: { retries: { limit: 1 }, image: "x", after: [] } },
  });
  if (yaml?.read.kind !== "ok" || json.kind !== "ok") throw new Error("both are good");
  const [one, two] = [compileDag(yaml.read.value, {}), compileDag(json.value, { p: 2 })];
  expect(one.kind === "ok" && one.value.version).toMatch(/^[0-9a-f]{64}$/);
  expect(one.kind === "ok" && one.value.version).toBe(two.kind === "ok" && two.value.version);
});

test("compileDag - the version is the hash of the document's canonical JSON, so a store can check it", () => {
  const read = readDagJson({ dag: "d", schedule: "every 1h", tasks: { a: { noop: {} } } });
  if (read.kind === "refused") throw new Error("the DAG is good");
  const carried: Json = JSON.parse(JSON.stringify(read.value));
  expect(versionOf(read.value)).toBe(sha256Hex(canonicalJson(carried)));
});

test("compileDag - sizes: one task, the whole DAG, the number of tasks", () => {
  expect(compiledTask({ image: "x", args: ["y".repeat(70_000)] })).toMatchInlineSnapshot(`
    "error[too-large]: the task has 69 KB with its defaults; at most 64 KB are run
      --> tasks.a
      why: a DAG rides in the run's history, where Temporal allows 2 MB in one piece
      fix: put long scripts into the image or a config map, and name them here"
  `);
  const tasks = (count: number, args: readonly string[]): JsonObject =>
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => [`t${at}`, args.length === 0 ? { noop: {} } : { image: "x", args }]),
    );
  const big = readDagJson({ dag: "d", tasks: tasks(40, ["y".repeat(30_000)]) });
  expect(big.kind === "ok" && told(compileDag(big.value, {}))).toMatchInlineSnapshot(`
    "error[too-large]: the compiled DAG has 1176 KB; at most 1024 KB are run. It holds what 40 tasks say of their pods (1174 KB)
      why: a DAG rides in the run's history, where Temporal allows 2 MB in one piece
      fix: say what tasks share once, in \`defaults\`; let a noop wait for many, and others for the noop; put long scripts into the image; or split the DAG"
  `);
  expect(told(readDagJson({ dag: "d", tasks: tasks(10_001, []) }))).toMatchInlineSnapshot(`
    "error[too-large]: the DAG has 10001 tasks; at most 10000 are run
      --> tasks
      why: a DAG rides in the run's history, where Temporal allows 2 MB in one piece
      fix: split the DAG, or keep the data where the pods can read it and pass its address"
  `);
  expect(told(readDagJson({ dag: "d", tasks: {} }))).toContain("the DAG has no task");
});

test("compileDag - an expression repeated a thousand times is stopped before it is unfolded", () => {
  const args = Array(1000).fill("${{ params.x }}");
  expect(compiledTask({ image: "x", args }, { x: "y".repeat(100_000) })).toContain("too-large");
});

test("compileTask - one pod of the DAG `-`", () => {
  expect(
    compileTask({ task: { image: "x:1", args: ["${{ params.n }}"], timeout: "1m" }, params: { n: 1 } }),
  ).toMatchObject({
    kind: "ok",
    value: {
      dag: "-",
      params: { n: 1 },
      defaults: {},
      tasks: [
        {
          kind: "pod",
          name: "main",
          after: [],
          spec: { container: { image: "x:1", args: ["1"] }, timeout: { attemptMs: 60_000 } },
        },
      ],
    },
  });
  expect(compileTask({ name: "hello", task: { image: "x" } })).toMatchObject({ value: { tasks: [{ name: "hello" }] } });
});

test("compileTask - what is wrong is told by the input's own paths", () => {
  expect(told(compileTask({ task: { image: "Python:3", cmds: ["x"], env: { "": "x" } } }))).toMatchInlineSnapshot(`
    "error[unknown-field]: \`cmds\` is not a field of a task
      --> task.cmds
      why: a misspelt field that is ignored changes what runs without a word
      fix: Airflow's \`cmds\` is Kubernetes' \`command\` here: \`command: [python, -c]\`"
  `);
  expect(told(compileTask({ task: { image: "x", after: "y" } }))).toMatchInlineSnapshot(`
    "error[unknown-field]: \`after\` has no meaning in a task of its own
      --> task.after
      why: a misspelt field that is ignored changes what runs without a word
      fix: leave it out: runPod runs one pod"
  `);
  expect(told(compileTask({ task: { noop: {} } }))).toContain("`noop` has no meaning in a task of its own");
  expect(told(compileTask({ name: "a b", task: { image: "x" } }))).toContain("`a b` is not a name for a task");
  expect(told(compileTask({ name: 3, task: { image: "x" } }))).toContain("a number is not a name for a task");
  expect(told(compileTask({ task: "x" }))).toContain("`task` must be a map, not text");
  expect(told(compileTask({ task: undefined }))).toContain("`task` must be a map, not missing");
  expect(told(compileTask({ task: { image: "x" }, params: [] }))).toContain("`params` must be a map, not a list");
});

/** The examples are what a newcomer reads first. */
function example(file: string): string {
  return readFileSync(new URL(`../../../../examples/kubernetes_sample/${file}`, import.meta.url), "utf8");
}

test("examples - kubernetes_sample compiles to the seed's three tasks", () => {
  const [text] = readDagFile(example("dag.yaml"), "dag.yaml");
  const compiled = text?.read.kind === "ok" ? compileDag(text.read.value, {}) : undefined;
  expect(compiled).toMatchObject({
    kind: "ok",
    warnings: [],
    value: {
      dag: "kubernetes_sample",
      defaults: { retries: { limit: 1, delayMs: 5000 }, namespace: "default" },
      tasks: [
        { kind: "noop", name: "start" },
        { name: "passing-task", after: ["start"], spec: { container: { image: "slipway.local/python:3" } } },
        { name: "failing-task", after: ["start"], spec: { container: { image: "slipway.local/debian:12" } } },
      ],
    },
  });
});

test("examples - as printed it is refused for its image reference, and the fix is named", () => {
  const [text] = readDagFile(example("as-printed.yaml"), "as-printed.yaml");
  expect(text === undefined ? "" : told(text.read)).toMatchInlineSnapshot(`
    "error[image-reference]: the image reference \`Python:3.6\` has upper case in its name
      --> as-printed.yaml:19:12   tasks.passing-task.image
      why: no cluster can pull it: references are [HOST/]NAME[:TAG][@DIGEST], and the name is lower case
      fix: write \`python:3.6\`"
  `);
});

test("compileDag - retries, timeouts and exit codes in their long form, durations in milliseconds", () => {
  const task = {
    image: "x",
    retries: { limit: 2, delay: "10s", factor: 1.5, maxDelay: "1m", disruptions: 0, if: false },
    timeout: { attempt: "1h", total: "3h", schedule: "5m", start: "30s" },
    exitCodes: { skip: [99], fail: [2, 3] },
  };
  expect(compiledTask(task)).toEqual({
    container: { image: "x" },
    retries: { limit: 2, delayMs: 10_000, factor: 1.5, maxDelayMs: 60_000, disruptions: 0, if: "false" },
    timeout: { attemptMs: 3_600_000, totalMs: 10_800_000, scheduleMs: 300_000, startMs: 30_000 },
    exitCodes: { skip: [99], fail: [2, 3] },
  });
});

test("compileDag - cleanup: when alone, or with after", () => {
  expect(compiledTask({ image: "x", cleanup: "never" })).toMatchObject({ cleanup: { when: "never" } });
  expect(compiledTask({ image: "x", cleanup: { when: "onSuccess", after: "1d" } })).toMatchObject({
    cleanup: { when: "onSuccess", afterMs: 86_400_000 },
  });
});

test("compileDag - the defaults of all outputs together are bounded: the report of a run of skipped tasks has them", () => {
  const tasks = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`t${i}`, { args: [] }]));
  const defaults = { image: "x", outputs: { text: "y".repeat(5_000) } };
  const read = readDagJson({ dag: "d", defaults, tasks });
  const compiled = read.kind === "ok" ? compileDag(read.value, {}) : read;
  expect(told(compiled)).toContain("the defaults of all outputs have 147 KB; at most 128 KB are run");
});

test("readDagJson - an output that looks like a secret is warned of", () => {
  const outputs = { session_token: { type: "string" } };
  const read = readDagJson({ dag: "d", tasks: { a: { image: "x", outputs } } });
  expect(read).toMatchObject({
    kind: "ok",
    warnings: [{ code: "secret-param", where: { path: "tasks.a.outputs.session_token" } }],
  });
});

test("compileDag - outputs: a default or a JSON Schema, and where each comes from", () => {
  const outputs = { rows: 0, dates: { type: "array", from: "stdout" }, mode: { enum: ["full", "${{ params.m }}"] } };
  expect(compiledTask({ image: "x", outputs }, { m: "delta" })).toEqual({
    container: { image: "x" },
    outputs: {
      rows: { type: "integer", default: 0 },
      dates: { type: "array", from: "stdout" },
      mode: { enum: ["full", "delta"] },
    },
  });
});

test.each([
  [{ retries: { if: "outcome.exitcode == 3" } }, "did you mean `outcome.exitCode`?"],
  [{ retries: { if: 3 } }, "`if` must be a condition in CEL, not a number"],
  [{ outputs: { in: 0 } }, "`in` is not a name for an output"],
  [{ outputs: { a: { from: "stdin" } } }, "write `message`, `stdout` or `lastLine`"],
  [{ outputs: { a: { from: "lastline" } } }, "did you mean `lastLine`?"],
  [{ outputs: { a: { value: "1", from: "stdout" } } }, "`from` and `value` both say where the output comes from"],
  [{ outputs: { a: { typ: "string" } } }, "did you mean `type`?"],
  [{ outputs: { a: { type: "text" } } }, "`type` must be string, integer"],
  [{ outputs: { a: { type: "string", default: 3 } } }, "the default of `a` must be text, not a number"],
  [{ outputs: ["a"] }, "a map from name to a default or a JSON Schema"],
  [{ cleanup: "onsuccess" }, "always, onSuccess or never"],
  [{ cleanup: { when: "never", after: "soon" } }, "a duration like 30s"],
  [{ cleanup: { until: "1h" } }, "`until` is not a field of `cleanup`"],
  [{ exitCodes: { skip: [0] } }, "an exit code from 1 to 255"],
  [{ exitCodes: { skip: 99 } }, "a list of exit codes"],
  [{ exitCodes: { skip: [9], fail: [9] } }, "two lists without a code in common"],
  [{ exitCodes: { skipp: [9] } }, "did you mean `skip`?"],
  [{ retries: { factor: 0.5 } }, "a number from 1 to 100"],
  [{ retries: { disruptions: -1 } }, "a whole number from 0 to 1000"],
  [{ timeout: { start: "0s" } }, "more than 0s"],
  [{ mainContainer: "Job_1" }, "the name of a container: lower-case letters, digits and `-`, at most 63"],
])("compileDag - %j is told", (fields, words) => {
  expect(compiledTask({ image: "x", ...fields })).toContain(words);
});
