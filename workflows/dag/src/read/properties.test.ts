import fc from "fast-check";
import { expect, test } from "vitest";
import { renderProblem } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { compileDag } from "./compile.ts";
import { compileTask } from "./compile-task.ts";
import { lintDagFile, readDagFile, readDagJson } from "./dag-file.ts";
import type { Read } from "./findings.ts";
import { CONTAINER_FIELDS } from "./kubernetes-fields.ts";
import { LIMITS } from "./limits.ts";
import { Suggester } from "../suggest.ts";

/** Refused with 1-20 problems that can be printed, or ok. */
function isAnswer(read: Read<unknown>): void {
  if (read.kind === "ok") return;
  expect(read.problems.length).toBeGreaterThan(0);
  expect(read.problems.length).toBeLessThanOrEqual(LIMITS.problems);
  for (const problem of read.problems) {
    expect(renderProblem(problem)).not.toMatch(/undefined|\[object|NaN/);
    expect(problem.where?.line ?? 1).toBeGreaterThan(0);
  }
}

const yamlish = fc.array(
  fc.constantFrom(
    ..."dag:|tasks:|a|: |- |\n|\n  |\n    |{|}|[|]|,|&a |*a|!x |'|\"|#|\t|---\n|image: x|${{ params.a }}|${{|}}|<<: |null|3.10|@|? |%|after: a|noop: {}|env:|retries: 1".split(
      "|",
    ),
  ),
  { maxLength: 40 },
);

test("any text is answered, never thrown at", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        yamlish.map((parts) => parts.join("")),
      ),
      (text) => {
        const reads = lintDagFile(text, "f.yaml");
        expect(reads.length).toBeGreaterThan(0);
        for (const read of reads) isAnswer(read);
      },
    ),
    { numRuns: 300 },
  );
});

/** Names that mean something somewhere, so that arbitrary JSON gets past the first door. */
const word = fc.constantFrom(
  ..."dag tasks defaults params schedule metadata labels annotations description owner apiVersion a b after noop pod namespace retries limit delay timeout attempt containers name value valueFrom type default enum cron every __proto__ constructor".split(
    " ",
  ),
  ...CONTAINER_FIELDS,
);
const scalar = fc.oneof(
  fc.constantFrom(
    null,
    true,
    0,
    3,
    1.5,
    -1,
    "",
    "a",
    "b",
    "x:1",
    "5m",
    "every 10m",
    "@daily",
    "${{ params.a }}",
    "$${{ x }}",
    "${{ b }}",
  ),
  fc.string(),
  fc.double(),
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    scalar,
    fc.dictionary(word, tie("json"), { maxKeys: 5 }),
    fc.array(tie("json"), { maxLength: 4 }),
  ),
}));

test("any JSON is answered, never thrown at, as a DAG and as a task", () => {
  const dag = fc.record(
    { dag: fc.constant("d"), params: json, defaults: json, tasks: fc.dictionary(word, json, { maxKeys: 4 }) },
    { requiredKeys: ["dag", "tasks"] },
  );
  fc.assert(
    fc.property(fc.oneof(json, dag), json, (value, params) => {
      const read = readDagJson(value);
      isAnswer(read);
      isAnswer(compileTask({ task: value, params }));
      const given = readDagJson(params).kind === "ok" ? {} : { a: "x" };
      if (read.kind === "ok") isAnswer(compileDag(read.value, given));
    }),
    { numRuns: 300 },
  );
});

/** DAGs that are good, in their short forms. */
const names = ["a", "b-1", "C_2", "constructor"];
const text = fc.oneof(
  fc.stringMatching(/^[a-z0-9 .:-]{0,8}$/),
  fc.constantFrom("${{ params.n }}", "x${{ params.s }}", "$${{ y }}"),
  fc.integer(),
);
const duration = fc.constantFrom("5s", "1h30m", "7d");
const podTask = fc.record(
  {
    image: fc.constantFrom("x:1", "r.io/a/b@sha256:" + "0".repeat(64), "${{ params.s }}"),
    command: fc.array(text, { maxLength: 3 }),
    env: fc.oneof(
      fc.dictionary(
        fc.stringMatching(/^[A-Z]{1,4}$/),
        fc.oneof(text, fc.constant(null), fc.constant({ secretKeyRef: { name: "s", key: "k" } })),
        { maxKeys: 3 },
      ),
      fc.constant([{ name: "A", value: "1" }]),
    ),
    retries: fc.oneof(
      fc.nat(9),
      fc.record({ limit: fc.nat(9), delay: duration }, { requiredKeys: [] }),
      fc.constant("${{ params.n }}"),
    ),
    timeout: fc.oneof(duration, fc.record({ attempt: duration })),
    metadata: fc.record({ labels: fc.dictionary(fc.constantFrom("a", "b"), fc.nat(9)) }),
    pod: fc.constant({ tolerations: [{ operator: "Exists" }] }),
    namespace: fc.constant("default"),
  },
  { requiredKeys: ["image"] },
);
const goodDag = fc
  .tuple(
    fc.array(fc.oneof(podTask, fc.constant({ noop: {} })), { minLength: 1, maxLength: 4 }),
    fc.infiniteStream(fc.boolean()),
  )
  .map(([tasks, coins]): JsonObject => {
    const after = (at: number): readonly string[] => names.slice(0, at).filter(() => coins.next().value === true);
    const entries = tasks.map((task, at) => [names[at] ?? "z", { ...task, after: after(at) }] as const);
    return JSON.parse(JSON.stringify({ dag: "d", params: { n: 2, s: "y" }, tasks: Object.fromEntries(entries) }));
  });

test("a document is the long form of itself: reading it again changes nothing", () => {
  fc.assert(
    fc.property(goodDag, (dag) => {
      const read = readDagJson(dag);
      if (read.kind === "refused") throw new Error(read.problems.map((each) => renderProblem(each)).join("\n"));
      expect(readDagJson(read.value)).toEqual(read);
    }),
  );
});

test("YAML and JSON of one DAG compile to the same", () => {
  fc.assert(
    fc.property(goodDag, (dag) => {
      const [yaml] = readDagFile(JSON.stringify(dag, null, 1));
      const json = readDagJson(dag);
      if (yaml?.read.kind !== "ok" || json.kind !== "ok") throw new Error("the DAG is good");
      const compiled = compileDag(json.value, {});
      expect(compiled.kind).toBe("ok");
      expect(compileDag(yaml.read.value, {})).toEqual(compiled);
    }),
  );
});

test("a compiled DAG holds no expression but those meant literally, and survives JSON", () => {
  fc.assert(
    fc.property(goodDag, (dag) => {
      const json = readDagJson(dag);
      const compiled = json.kind === "ok" ? compileDag(json.value, {}) : json;
      if (compiled.kind === "refused") throw new Error("the DAG is good");
      const carried = JSON.stringify(compiled.value);
      expect(JSON.parse(carried)).toEqual(compiled.value);
      expect(carried.replaceAll("${{ y }}", "")).not.toContain("${{");
    }),
  );
});

test("a word one slip away is suggested", () => {
  const known = ["command", "imagePullPolicy", "terminationMessagePath", "retries"];
  fc.assert(
    fc.property(fc.constantFrom(...known), fc.nat(40), (name, seed) => {
      const at = seed % name.length;
      const without = name.slice(0, at) + name.slice(at + 1);
      expect(new Suggester().suggest(without, known)).toBe(name);
    }),
  );
});
