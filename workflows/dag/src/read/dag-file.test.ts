import { expect, test } from "vitest";
import { renderProblem } from "../errors.ts";
import { lintDagFile, readDagFile, readDagJson } from "./dag-file.ts";
import { aTask, lint } from "./lint-text.ts";

test("a misspelt task in after", () => {
  expect(lint("dag: d\ntasks:\n  start: { noop: {} }\n  b:\n    after: strat\n    image: x\n")).toMatchInlineSnapshot(`
    "error[unknown-task]: there is no task \`strat\`
      --> f.yaml:5:12   tasks.b.after
      why: a task waits for tasks that stand beside it, in its own DAG or group
      fix: did you mean \`start\`?"
  `);
});

test("a cycle is named whole", () => {
  expect(
    lint("dag: d\ntasks:\n  a: { noop: {}, after: c }\n  b: { noop: {}, after: a }\n  c: { noop: {}, after: [b] }\n"),
  ).toMatchInlineSnapshot(`
    "error[cycle]: tasks wait for each other in a circle: a → c → b → a
      --> f.yaml:3:25   tasks.a.after
      why: none of them could ever start
      fix: remove one \`after\` of the circle"
  `);
});

test("a task that waits for itself", () => {
  expect(lint("dag: d\ntasks:\n  a: { noop: {}, after: [a] }\n")).toMatchInlineSnapshot(`
    "error[cycle]: the task \`a\` waits for itself
      --> f.yaml:3:26   tasks.a.after[0]
      why: none of them could ever start
      fix: remove its own name from \`after\`"
  `);
});

test("what is missing", () => {
  expect(lint("owner: x\n")).toMatchInlineSnapshot(`
    "error[missing-field]: \`dag\` is missing
      --> f.yaml:1:1
      why: the DAG cannot run without it
      fix: add \`dag: NAME\`
    error[missing-field]: \`tasks\` is missing
      --> f.yaml:1:1
      why: the DAG cannot run without it
      fix: add \`tasks: { start: { noop: {} } }\`"
  `);
});

test("apiVersion: another version of the format is refused", () => {
  const of = (version: string) => lint(`dag: d\napiVersion: ${version}\ntasks: { a: { noop: {} } }\n`);
  expect(of("slipway.dev/v1")).toBe("ok");
  expect(of("slipway.dev/v2")).toMatchInlineSnapshot(`
    "error[bad-value]: \`apiVersion\` must be slipway.dev/v1
      --> f.yaml:2:13   apiVersion
      why: what is not understood is refused before a pod runs, not guessed
      fix: write \`slipway.dev/v1\`, or leave \`apiVersion\` out"
  `);
});

test("names", () => {
  expect(lint(`dag: my.dag\ntasks:\n  1: { noop: {} }\n  ${"x".repeat(49)}: { noop: {} }\n`)).toMatchInlineSnapshot(`
    "error[bad-name]: \`my.dag\` is not a name for a DAG
      --> f.yaml:1:6   dag
      why: names become part of pod names, NATS subjects and expressions
      fix: begin with a letter; then letters, digits, \`_\` and \`-\`; at most 48
    error[bad-name]: \`1\` is not a name for a task
      --> f.yaml:3:3   tasks.1
      why: names become part of pod names, NATS subjects and expressions
      fix: begin with a letter; then letters, digits, \`_\` and \`-\`; at most 48
    error[bad-name]: \`xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\` is not a name for a task
      --> f.yaml:4:3   tasks.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
      why: names become part of pod names, NATS subjects and expressions
      fix: begin with a letter; then letters, digits, \`_\` and \`-\`; at most 48"
  `);
  expect(lint("dag: d\ntasks:\n  1: { noop: {} }\n")).toMatchInlineSnapshot(`
    "error[bad-name]: \`1\` is not a name for a task
      --> f.yaml:3:3   tasks.1
      why: names become part of pod names, NATS subjects and expressions
      fix: begin with a letter; then letters, digits, \`_\` and \`-\`; at most 48"
  `);
  expect(lint('dag: "-"\ntasks:\n  a: { noop: {} }\n')).toContain("`-` is not a name for a DAG");
});

test("values of the wrong type, told in the order of the file", () => {
  const text = aTask(
    "image: x",
    "timeout: 30",
    "retries: many",
    "command: python -c",
    "namespace: My_Space",
    "args: [[a]]",
  );
  expect(lint(text)).toMatchInlineSnapshot(`
    "error[bad-value]: \`timeout\` must be a duration like 30s, 5m, 1h30m or 7d, at most 365d, more than 0s
      --> f.yaml:5:14   tasks.a.timeout
      why: what is not understood is refused before a pod runs, not guessed
      fix: write the unit: \`30s\` or \`30m\`
    error[bad-value]: \`retries\` must be a whole number from 0 to 1000, not text
      --> f.yaml:6:14   tasks.a.retries
      why: what is not understood is refused before a pod runs, not guessed
      fix: see the field reference (docs/reference/dag-file.md)
    error[bad-value]: \`command\` must be a list of texts, not text
      --> f.yaml:7:14   tasks.a.command
      why: what is not understood is refused before a pod runs, not guessed
      fix: write a list: \`[python, -c]\`
    error[bad-value]: \`namespace\` must be a namespace: lower-case letters, digits and \`-\`, at most 63
      --> f.yaml:8:16   tasks.a.namespace
      why: what is not understood is refused before a pod runs, not guessed
      fix: see the field reference (docs/reference/dag-file.md)
    error[bad-value]: \`args\` must be text, not a list
      --> f.yaml:9:12   tasks.a.args[0]
      why: what is not understood is refused before a pod runs, not guessed
      fix: see the field reference (docs/reference/dag-file.md)"
  `);
});

test("tasks as a list, a task as text, a field beside its task", () => {
  expect(lint("dag: d\ntasks: [{ name: a }]\n")).toMatchInlineSnapshot(`
    "error[bad-value]: \`tasks\` must be a map from name to task, not a list
      --> f.yaml:2:8   tasks
      why: what is not understood is refused before a pod runs, not guessed
      fix: write a map: \`tasks: { NAME: { image: … } }\`"
  `);
  expect(lint("dag: d\ntasks:\n  a: { noop: {} }\n  image: x\n")).toMatchInlineSnapshot(`
    "error[bad-value]: \`image\` must be a map, not text
      --> f.yaml:4:10   tasks.image
      why: what is not understood is refused before a pod runs, not guessed
      fix: if \`image\` is a field, indent it below the name of its task"
  `);
});

test("Kubernetes' fields: near misses are errors, newer ones pass with a warning", () => {
  expect(
    lint(aTask("image: x", "resources: { limit: { cpu: 1 } }", "pod: { tolerations: [{ kee: a }] }")),
  ).toMatchInlineSnapshot(`
    "error[unknown-field]: \`limit\` is not a field of Kubernetes' ResourceRequirements
      --> f.yaml:5:18   tasks.a.resources.limit
      why: a misspelt field that is ignored changes what runs without a word
      fix: did you mean \`limits\`?
    error[unknown-field]: \`kee\` is not a field of Kubernetes' Toleration
      --> f.yaml:6:28   tasks.a.pod.tolerations[0].kee
      why: a misspelt field that is ignored changes what runs without a word
      fix: did you mean \`key\`?"
  `);
  expect(lint(aTask("image: x", "pod: { quantumEntanglement: true }"))).toMatchInlineSnapshot(`
    "ok
    warning[newer-field]: \`quantumEntanglement\` is not a field of Kubernetes' PodSpec as of 1.36; it is passed on
      --> f.yaml:5:12   tasks.a.pod.quantumEntanglement
      why: a new cluster may know it, so it is passed on; the API server refuses what it does not know
      fix: check the spelling with \`kubectl explain\`"
  `);
});

test("PodSpec's fields have their place, and restartPolicy its one value", () => {
  expect(lint(aTask("image: x", "nodeSelector: { a: b }"))).toContain("write `pod: { nodeSelector: … }`");
  expect(lint(aTask("image: x", "pod: { restartPolicy: Always }"))).toMatchInlineSnapshot(`
    "error[bad-value]: \`restartPolicy\` can only be Never
      --> f.yaml:5:27   tasks.a.pod.restartPolicy
      why: what is not understood is refused before a pod runs, not guessed
      fix: leave it out; \`retries\` makes a new pod for every try"
  `);
});

test("image references are looked at everywhere", () => {
  const text = aTask(
    "image: Python:3.6",
    "pod:",
    "  initContainers:",
    "    - { name: i, image: 'a b' }",
    "    - { image: ok }",
  );
  expect(lint(text)).toMatchInlineSnapshot(`
    "error[image-reference]: the image reference \`Python:3.6\` has upper case in its name
      --> f.yaml:4:12   tasks.a.image
      why: no cluster can pull it: references are [HOST/]NAME[:TAG][@DIGEST], and the name is lower case
      fix: write \`python:3.6\`
    error[image-reference]: the image reference \`a b\` has a space in it
      --> f.yaml:7:29   tasks.a.pod.initContainers[0].image
      why: no cluster can pull it: references are [HOST/]NAME[:TAG][@DIGEST], and the name is lower case
      fix: check it with the registry's own name for the image
    error[missing-field]: a container has no \`name\`
      --> f.yaml:8:11   tasks.a.pod.initContainers[1]
      why: the DAG cannot run without it
      fix: name it; the task's own container is \`main\`, or what \`mainContainer\` says"
  `);
});

test("kinds: a noop makes no pod, and a pod needs an image", () => {
  expect(
    lint("dag: d\ntasks:\n  a: { noop: {}, image: x, retries: 1 }\n  b: { command: [x] }\n  c: { after: a }\n"),
  ).toMatchInlineSnapshot(`
    "error[task-kind]: the task is a \`noop\`, which makes no pod, and has \`image\` and \`retries\`
      --> f.yaml:3:3   tasks.a
      why: a task is exactly one kind, so that its fields have one meaning
      fix: remove \`noop\`, or \`image\` and \`retries\`
    error[missing-field]: the task has no \`image\`
      --> f.yaml:4:3   tasks.b
      why: the DAG cannot run without it
      fix: give it an \`image\`, here, under \`defaults\` or in the template it uses; a task that does nothing is \`noop: {}\`
    error[empty-task]: the task has nothing to do
      --> f.yaml:5:3   tasks.c
      why: a task says which kind it is by its fields, and an empty one may be an unfinished one
      fix: for a task that does nothing, write \`noop: {}\`; a pod needs an \`image\`"
  `);
});

test("labels and annotations", () => {
  const text = aTask("image: x", "metadata:", "  labels: { 'a b': c, slipway.dev/run: x, ok: 'no no' }");
  expect(lint(text)).toMatchInlineSnapshot(`
    "error[bad-name]: \`a b\` is not a valid name of labels
      --> f.yaml:6:17   tasks.a.metadata.labels["a b"]
      why: names become part of pod names, NATS subjects and expressions
      fix: write [PREFIX/]NAME: at most 63 letters, digits, \`-\`, \`_\`, \`.\`, a letter or digit at both ends
    error[bad-name]: labels under \`slipway.dev/\` are Slipway's own
      --> f.yaml:6:27   tasks.a.metadata.labels["slipway.dev/run"]
      why: names become part of pod names, NATS subjects and expressions
      fix: choose another prefix
    error[bad-value]: the value of a label is not one that Kubernetes takes
      --> f.yaml:6:51   tasks.a.metadata.labels.ok
      why: what is not understood is refused before a pod runs, not guessed
      fix: at most 63 letters, digits, \`-\`, \`_\`, \`.\`, a letter or digit at both ends; longer text goes to \`annotations\`"
  `);
});

test("an env value is never in an error", () => {
  const secret = "hunter2";
  const texts = [
    aTask("image: x", `env: { PASSWORD: { value: ${secret} } }`),
    aTask("image: x", "env:", `  - { name: "A=B", value: ${secret}, valueFrom: {} }`),
    aTask("image: x", "env:", `  PASSWORD: @${secret}`),
    aTask("image: x", "env:", `  PASSWORD: !${secret}`),
    aTask("image: x", "env:", `  PASSWORD: *${secret}`),
    aTask("image: x", "env:", `  PASSWORD: [${secret}]`, `  "": ${secret}`),
    aTask("image: x", `env: ${secret}`),
  ];
  for (const text of texts) {
    expect(lint(text)).toContain("error[");
    expect(lint(text)).not.toContain(secret);
  }
});

test("at most 20 problems are told", () => {
  const tasks = Array.from({ length: 50 }, (_, at) => `  t${at}: { nope: 1 }\n`).join("");
  const [read] = lintDagFile(`dag: d\ntasks:\n${tasks}`);
  expect(read?.kind === "refused" && read.problems.length).toBe(20);
});

test("JSON is told the same as a file, less its lines", () => {
  const bad = { dag: "d", tasks: { a: { image: "Python:3", after: "b", cmds: [1] } } };
  const json = readDagJson(bad);
  const [file] = readDagFile(JSON.stringify(bad), "f.json");
  if (json.kind !== "refused" || file?.read.kind !== "refused") throw new Error("both are refused");
  const bare = (text: string): string => text.replaceAll(/f\.json:\d+:\d+ {3}/g, "");
  const told = file.read.problems.map((each) => bare(renderProblem(each)));
  expect(told.toSorted()).toEqual(json.problems.map((each) => renderProblem(each)).toSorted());
});

test("values that JSON does not have", () => {
  expect(readDagJson({ dag: "d", tasks: { a: { noop: {}, x: Number.NaN, y: () => 1 } } }).kind).toBe("refused");
  expect(readDagJson(undefined).kind).toBe("refused");
  expect(readDagJson(JSON.parse('{"dag":"d","tasks":{"a":{"noop":{}}},"__proto__":{"x":1}}')).kind).toBe("refused");
});

test("names of JavaScript's own are ordinary names of tasks and labels", () => {
  const text = "dag: d\ntasks:\n  constructor: { noop: {} }\n  toString: { noop: {}, after: constructor }\n";
  expect(lint(text)).toBe("ok");
  expect(lint("dag: d\ntasks:\n  a: { noop: {}, after: constructor }\n")).toContain("there is no task `constructor`");
});
