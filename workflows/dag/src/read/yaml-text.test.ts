import { expect, test } from "vitest";
import { readDagFile } from "./dag-file.ts";
import { aTask, lint } from "./lint-text.ts";

test("an unquoted cron line names the quotes", () => {
  expect(lint("dag: d\nschedule: */10 * * * *\n")).toMatchInlineSnapshot(`
    "error[yaml-syntax]: a value begins with \`*\`, which YAML takes for an alias
      --> f.yaml:2:16
      why: a DAG that cannot be read without doubt is not run
      fix: put the value in quotes: \`schedule: "*/10 * * * *"\`"
  `);
});

test("an unquoted @daily names the quotes", () => {
  expect(lint("dag: d\nschedule: @daily\n")).toMatchInlineSnapshot(`
    "error[yaml-syntax]: plain value cannot start with reserved character @
      --> f.yaml:2:11
      why: a DAG that cannot be read without doubt is not run
      fix: put the value in quotes: \`schedule: "@daily"\`"
  `);
});

test("an unquoted ? : gives one error, not a hundred", () => {
  expect(lint(aTask("image: ${{ params.x ? 'a': 'b' }}"))).toMatchInlineSnapshot(`
    "error[yaml-syntax]: a \`: \` begins a map where YAML allows none
      --> f.yaml:4:12
      why: a DAG that cannot be read without doubt is not run
      fix: put the value with \`\${{ }}\` in double quotes: "\${{ params.x }}" (always in \`{ }\` and \`[ ]\`, and where it holds \`: \`)"
  `);
});

test("an unquoted expression in flow style names the quotes", () => {
  expect(lint("dag: d\ntasks:\n  a: { image: ${{ params.x }} }\n")).toMatchInlineSnapshot(`
    "error[yaml-syntax]: a \`{\` in the middle of a value begins a map
      --> f.yaml:3:16
      why: a DAG that cannot be read without doubt is not run
      fix: put the value with \`\${{ }}\` in double quotes: "\${{ params.x }}" (always in \`{ }\` and \`[ ]\`, and where it holds \`: \`)"
  `);
});

test("a warning of the parser is an error", () => {
  expect(lint(aTask("image: x", "if: !params.dry"))).toMatchInlineSnapshot(`
    "error[yaml-syntax]: a value begins with \`!\`, which marks a YAML tag, not text
      --> f.yaml:5:9
      why: a DAG that cannot be read without doubt is not run
      fix: put the value in quotes: \`if: "!params.dry"\`"
  `);
});

test("a tab", () => {
  expect(lint("dag: d\ntasks:\n\ta:\n")).toMatchInlineSnapshot(`
    "error[yaml-syntax]: tabs are not allowed as indentation
      --> f.yaml:3:1
      why: a DAG that cannot be read without doubt is not run
      fix: indent with spaces"
  `);
});

test("a duplicate key, and a duplicate task", () => {
  expect(lint("dag: d\ntasks:\n  a: { noop: {} }\n  b: { noop: {} }\n  a: { noop: {} }\n")).toMatchInlineSnapshot(`
    "error[duplicate-key]: \`a\` is there twice; the first is on line 3
      --> f.yaml:5:3   tasks.a
      why: YAML keeps one of the two, and nobody sees which
      fix: remove one, or rename it"
  `);
});

test("a merge key", () => {
  expect(lint(aTask("<<: { image: x }"))).toMatchInlineSnapshot(`
    "error[yaml-merge-key]: \`<<\` merges nothing here
      --> f.yaml:4:5   tasks.a["<<"]
      why: YAML 1.2 has no merge keys, and what they merge is not what Kubernetes merges
      fix: put what tasks share under \`defaults\`"
  `);
});

test("a task left empty", () => {
  expect(lint("dag: d\ntasks:\n  start:\n")).toMatchInlineSnapshot(`
    "error[empty-task]: the task is empty
      --> f.yaml:3:3   tasks.start
      why: a task says which kind it is by its fields, and an empty one may be an unfinished one
      fix: for a task that does nothing, write \`noop: {}\`; a pod needs an \`image\`"
  `);
});

test.each(["", "# only a comment\n", "---\n", "---\n...\n---\n", "null\n", "~"])("an empty file %j", (text) => {
  expect(lint(text)).toBe(lint(""));
});

test("an empty file, in words", () => {
  expect(lint("")).toMatchInlineSnapshot(`
    "error[empty-file]: the file holds no DAG
      --> f.yaml:1:1
      why: a DAG file holds at least one YAML document with \`dag\` and \`tasks\`
      fix: write \`dag: NAME\` and \`tasks:\`; examples/kubernetes_sample/dag.yaml is a small one"
  `);
});

test("a 2 MB file is refused before it is parsed", () => {
  expect(lint(`# ${"x".repeat(2_097_152)}`)).toMatchInlineSnapshot(`
    "error[too-large]: the file has 2.0 MB; at most 1 MB is read
      --> f.yaml:1:1
      why: a DAG rides in the run's history, where Temporal allows 2 MB in one piece
      fix: split the DAG, or keep the data where the pods can read it and pass its address"
  `);
});

test("an alias bomb", () => {
  const levels = "bcdefghi"
    .split("")
    .map((key, at) => `${key}: &${key} [${Array(10).fill(`*${"abcdefgh"[at]}`).join(", ")}]`);
  const text = ["a: &a [x, x, x, x, x, x, x, x, x, x]", ...levels, ""].join("\n");
  expect(lint(text)).toMatchInlineSnapshot(`
    "error[too-large]: the document unfolds to more than 300000 values (an alias stands for all it names)
      --> f.yaml:1:14   f[1][5][8][8][8][2]
      why: a DAG rides in the run's history, where Temporal allows 2 MB in one piece
      fix: split the DAG, or keep the data where the pods can read it and pass its address"
  `);
});

test("an alias in itself, an alias of nothing", () => {
  expect(lint("dag: &d [*d]\n")).toMatchInlineSnapshot(`
    "error[yaml-syntax]: an alias stands for the value it is in, without end
      --> f.yaml:1:10   dag[0]
      why: a DAG that cannot be read without doubt is not run
      fix: mend the first place that is named; later complaints often follow from it"
  `);
  expect(lint("dag: *d\n")).toMatchInlineSnapshot(`
    "error[yaml-syntax]: a value begins with \`*\`, which stands for a value marked \`&\` before, and there is none
      --> f.yaml:1:6   dag
      why: a DAG that cannot be read without doubt is not run
      fix: put the value in quotes if the \`*\` is meant as text"
  `);
});

test("aliases are plain copies", () => {
  expect(lint("dag: d\ntasks:\n  a: &a { image: x:1 }\n  b: *a\n")).toBe("ok");
});

test("brackets nested too deeply", () => {
  expect(lint(`dag: ${"[".repeat(100_000)}`)).toContain("maps and lists are nested too deeply");
  expect(lint(`dag: ${"[".repeat(70)}${"]".repeat(70)}`)).toContain(
    "maps and lists are nested more than 64 levels deep",
  );
});

test("something else than a map", () => {
  expect(lint("hello")).toMatchInlineSnapshot(`
    "error[bad-value]: a DAG is a map, not text
      --> f.yaml:1:1
      why: what is not understood is refused before a pod runs, not guessed
      fix: begin with \`dag: NAME\` and \`tasks:\`"
  `);
});

test("where Kubernetes wants text, a number stays as it is written", () => {
  const [first] = readDagFile(
    aTask(
      "image: x",
      "args: [3.10, 012, true, 1e3]",
      "env: { V: 3.10, W: 0x1F, X: true, Y: yes }",
      "metadata: { labels: { v: 1.20 } }",
    ),
  );
  expect(first?.read).toMatchObject({
    value: {
      tasks: {
        a: {
          args: ["3.10", "012", "true", "1e3"],
          env: [
            { name: "V", value: "3.10" },
            { name: "W", value: "0x1F" },
            { name: "X", value: "true" },
            { name: "Y", value: "yes" },
          ],
          metadata: { labels: { v: "1.20" } },
        },
      },
    },
  });
});

test("a number among the params is not kept as written: a warning", () => {
  expect(
    lint("dag: d\nparams: { python: 3.10, n: 3, s: '3.10' }\ntasks: { a: { noop: {} } }\n"),
  ).toMatchInlineSnapshot(`
    "ok
    warning[number-spelling]: \`3.10\` is read as the number 3.1
      --> f.yaml:2:19   params.python
      why: YAML reads it as a number, and a number has no trailing or leading zeros
      fix: write "3.10" in quotes if the text is meant, 3.1 if the number is"
  `);
});

test("a number that JSON cannot keep", () => {
  expect(lint("dag: d\nparams: { n: 12345678901234567890 }\ntasks: { a: { noop: {} } }\n")).toMatchInlineSnapshot(`
    "error[bad-value]: the number cannot be kept exactly
      --> f.yaml:2:14   params.n
      why: what is not understood is refused before a pod runs, not guessed
      fix: put it in quotes where the text is meant"
  `);
});

test("a file holds one DAG per document, and two of one name are refused", () => {
  const dag = (name: string): string => `dag: ${name}\ntasks: { a: { noop: {} } }\n`;
  expect(readDagFile([dag("a"), dag("b"), ""].join("---\n")).map(({ read }) => read.kind)).toEqual(["ok", "ok"]);
  expect(lint([dag("a"), dag("b"), dag("a")].join("---\n"))).toMatchInlineSnapshot(`
    "ok
    ok
    error[duplicate-key]: the file has two DAGs called \`a\`
      --> f.yaml:7:6   dag
      why: YAML keeps one of the two, and nobody sees which
      fix: remove one, or rename it"
  `);
});

test("reading stops at the first document that is not YAML", () => {
  const kinds = readDagFile("dag: d\ntasks: { a: { noop: {} } }\n---\n'\n---\ndag: e\n").map(({ read }) => read.kind);
  expect(kinds).toEqual(["ok", "refused"]);
});

test("text that a terminal would obey is escaped", () => {
  const text = lint('dag: d\ntasks:\n  "a\\e[31m\\u202e": { noop: {} }\n');
  expect(text).toContain("\\u001b[31m");
  expect([text.includes("\u001b"), text.includes("\u202e")]).toEqual([false, false]);
});

test("a raw control character is refused, whatever else is wrong; tab, newline and CR are not", () => {
  expect(lint(`${aTask("image: x:1")}# \u001b[31m\n'`)).toMatchInlineSnapshot(`
    "error[yaml-syntax]: a control character, \`\\x1b\`
      --> f.yaml:5:3
      why: a DAG that cannot be read without doubt is not run
      fix: remove it, or write it in double quotes as \`\\x1b\`"
  `);
  for (const control of ["\u0000", "\u0007", "\u000b", "\u007f", "\u009b"]) {
    expect(lint(aTask("image: x:1", `description: a${control}b`))).toMatch(
      /^error\[yaml-syntax\].*\n +--> f.yaml:5:19\n/,
    );
  }
  expect(lint(aTask("image: x:1 #\t").replaceAll("\n", "\r\n"))).toBe("ok");
});
