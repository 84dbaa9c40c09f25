import { expect, test } from "vitest";
import { compileDag } from "./compile.ts";
import { compiledTask } from "./compiled-task.ts";
import { readDagJson } from "./dag-file.ts";

test("expressions - one that is the whole value keeps its type, in text it becomes text", () => {
  const params = { n: 2, s: "x", l: ["a", 1], m: { type: "object", default: { a: 1 } }, b: true, d: "10s" };
  const task = {
    image: "r/${{ params.s }}:${{ params.n }}",
    command: "${{ params.l }}",
    args: [
      "${{ params.n }}",
      "${{params.b}}",
      "${{ params.l }}",
      '${{ params["m"] }}',
      "a${{ params['s'] }}b${{ params.n }}",
      "$${{ x }}",
    ],
    env: { N: "${{ params.n }}" },
    resources: { limits: { cpu: "${{ params.n }}" } },
    retries: { limit: "${{ params.n }}", delay: "${{ params.d }}" },
    timeout: "${{ params.d }}",
    pod: { nodeSelector: "${{ params.m }}" },
  };
  expect(compiledTask(task, params)).toEqual({
    container: {
      image: "r/x:2",
      command: ["a", "1"],
      args: ["2", "true", '["a",1]', '{"a":1}', "axb2", "${{ x }}"],
      env: [{ name: "N", value: "2" }],
      resources: { limits: { cpu: 2 } },
    },
    retries: { limit: 2, delayMs: 10_000 },
    timeout: { attemptMs: 10_000 },
    pod: { nodeSelector: { a: "1" } },
  });
});

test("expressions - a param's own text is not read again", () => {
  const given = { s: "${{ params.t }}" };
  expect(
    compiledTask({ image: "x", args: ["${{ params.s }}", "-${{ params.s }}-"] }, { s: "", t: "secret" }, given),
  ).toMatchObject({
    container: { args: ["${{ params.t }}", "-${{ params.t }}-"] },
  });
});

test("expressions - what they give is checked like what is written", () => {
  const params = { i: "Python:3.6", n: -1, l: "a b", ns: "Default", nil: { type: ["string", "null"], default: null } };
  const task = {
    image: "${{ params.i }}",
    retries: "${{ params.n }}",
    timeout: "${{ params.n }}",
    namespace: "${{ params.ns }}",
    metadata: { labels: { l: "${{ params.l }}" } },
    pod: { restartPolicy: "${{ params.l }}" },
  };
  expect(compiledTask(task, params)).toMatchInlineSnapshot(`
    "error[bad-value]: \`namespace\` must be a namespace: lower-case letters, digits and \`-\`, at most 63
      --> tasks.a.namespace
      why: what is not understood is refused before a pod runs, not guessed
      fix: see the field reference (docs/reference/dag-file.md)
    error[bad-value]: \`limit\` must be a whole number from 0 to 1000
      --> tasks.a.retries.limit
      why: what is not understood is refused before a pod runs, not guessed
      fix: see the field reference (docs/reference/dag-file.md)
    error[bad-value]: \`attempt\` must be a duration like 30s, 5m, 1h30m or 7d, at most 365d, more than 0s
      --> tasks.a.timeout.attempt
      why: what is not understood is refused before a pod runs, not guessed
      fix: see the field reference (docs/reference/dag-file.md)"
  `);
  expect(compiledTask({ ...task, retries: 1, timeout: "1m", namespace: "n" }, params)).toMatchInlineSnapshot(`
    "error[image-reference]: the image reference \`Python:3.6\` has upper case in its name
      --> tasks.a.image
      why: no cluster can pull it: references are [HOST/]NAME[:TAG][@DIGEST], and the name is lower case
      fix: write \`python:3.6\`
    error[bad-value]: \`restartPolicy\` can only be Never
      --> tasks.a.pod.restartPolicy
      why: what is not understood is refused before a pod runs, not guessed
      fix: leave it out; \`retries\` makes a new pod for every try
    error[bad-value]: the value of a label is not one that Kubernetes takes
      --> tasks.a.metadata.labels.l
      why: what is not understood is refused before a pod runs, not guessed
      fix: at most 63 letters, digits, \`-\`, \`_\`, \`.\`, a letter or digit at both ends; longer text goes to \`annotations\`"
  `);
  expect(compiledTask({ image: "x", args: ["a ${{ params.nil }}"] }, params)).toMatchInlineSnapshot(`
    "error[bad-expression]: \`\${{ params.nil }}\` is null, which has no text
      --> tasks.a.args[0]
      why: \`\${{ … }}\` is checked before a run starts; what is left unreplaced would reach the pod as text
      fix: write \`\${{ params.NAME }}\`; \`$\${{\` gives a literal \`\${{\`"
  `);
});

test("expressions - what is wrong with one", () => {
  const args = [
    "${{ params.q }}",
    "${{ params.regoin }}",
    "${{ region }}",
    "${{ }}",
    "${{ params.dry-run }}",
    "${{ x",
    "${{ foo.bar }}",
  ];
  expect(compiledTask({ image: "x", args }, { region: "eu" })).toMatchInlineSnapshot(`
    "error[unknown-param]: the param \`q\` is not declared
      --> tasks.a.args[0]
      why: a misspelt param that is ignored would run the DAG with its default
      fix: declare it: \`params: { q: … }\`
    error[unknown-param]: the param \`regoin\` is not declared
      --> tasks.a.args[1]
      why: a misspelt param that is ignored would run the DAG with its default
      fix: did you mean \`params.region\`?
    error[bad-expression]: there is no \`region\` in expressions
      --> tasks.a.args[2]
      why: \`\${{ … }}\` is checked before a run starts; what is left unreplaced would reach the pod as text
      fix: did you mean \`params.region\`?
    error[bad-expression]: \`\${{ }}\` has no expression in it
      --> tasks.a.args[3]
      why: \`\${{ … }}\` is checked before a run starts; what is left unreplaced would reach the pod as text
      fix: write \`\${{ params.NAME }}\`; \`$\${{\` gives a literal \`\${{\`
    error[bad-expression]: \`params.dry-run\` reads as a subtraction
      --> tasks.a.args[4]
      why: \`\${{ … }}\` is checked before a run starts; what is left unreplaced would reach the pod as text
      fix: names of params have \`_\`, no \`-\`
    error[bad-expression]: \`\${{\` is not closed by \`}}\`
      --> tasks.a.args[5]
      why: \`\${{ … }}\` is checked before a run starts; what is left unreplaced would reach the pod as text
      fix: close it, or write \`$\${{\` for a literal \`\${{\`
    error[bad-expression]: there is no \`foo\` in expressions
      --> tasks.a.args[6]
      why: \`\${{ … }}\` is checked before a run starts; what is left unreplaced would reach the pod as text
      fix: text stands in quotes: \`"foo"\`"
  `);
  expect(
    compiledTask({ image: "x", pod: { nodeSelector: { "${{ params.region }}": "x" } } }, { region: "eu" }),
  ).toMatchInlineSnapshot(`
    "error[bad-expression]: a key cannot hold an expression
      --> tasks.a.pod.nodeSelector["\${{ params.region }}"]
      why: \`\${{ … }}\` is checked before a run starts; what is left unreplaced would reach the pod as text
      fix: write \`\${{ params.NAME }}\`; \`$\${{\` gives a literal \`\${{\`"
  `);
});

test("expressions - quotes inside one may hold braces", () => {
  expect(compiledTask({ image: "x", args: ['${{ params["a}}"] }}'] })).toContain("the param `a}}` is not declared");
});

test("expressions - the DAG's own texts are replaced too", () => {
  const read = readDagJson({
    dag: "d",
    description: "for ${{ params.r }}",
    owner: "${{ params.n }}",
    metadata: { labels: { r: "${{ params.r }}", n: 1 } },
    params: { r: "eu", n: 7 },
    tasks: { a: { noop: {} } },
  });
  expect(read.kind === "ok" && compileDag(read.value, {})).toMatchObject({
    value: { description: "for eu", owner: "7", metadata: { labels: { r: "eu", n: "1" } } },
  });
});
