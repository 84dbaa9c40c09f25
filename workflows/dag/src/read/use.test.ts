import { expect, test } from "vitest";
import { renderProblem } from "../errors.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { taskSpec } from "../merge.ts";
import { compileDag } from "./compile.ts";
import { told } from "./compiled-task.ts";
import { lintDagFile, readDagJson } from "./dag-file.ts";

const WORKER = {
  params: { verb: { type: "string", enum: ["index", "verify"] }, shard: "", size: { type: "integer", default: 1 } },
  image: "indexer:3",
  args: ["${{ params.verb }}", "--source", "${{ params.source }}", "--shard=${{ params.shard }}"],
  env: { SIZE: "${{ params.size }}" },
  retries: { limit: 2, delay: "10s" },
};

function dag(task: JsonObject, more: JsonObject = {}): JsonObject {
  return {
    dag: "d",
    params: { source: "s3://lake", big: 5 },
    templates: { worker: WORKER },
    tasks: { a: task },
    ...more,
  };
}

/** What an attempt of `a` needs, or what was told. */
function specOf(value: JsonObject, given: JsonObject = {}) {
  const read = readDagJson(value);
  const compiled = read.kind === "ok" ? compileDag(read.value, given) : read;
  if (compiled.kind === "refused") return told(compiled);
  const [task] = compiled.value.tasks;
  return task?.kind === "pod" ? taskSpec(compiled.value, task) : "no pod";
}

test("use - the template's params stand for what `with` gives them, else for their defaults; the DAG's are seen too", () => {
  expect(specOf(dag({ use: "worker", with: { verb: "index" } }), { source: "s3://other" })).toMatchObject({
    container: {
      image: "indexer:3",
      args: ["index", "--source", "s3://other", "--shard="],
      env: [{ name: "SIZE", value: "1" }],
    },
    retries: { limit: 2, delayMs: 10_000 },
  });
});

test("use - `with` may hold the DAG's params, which keep their type; what they hold is not evaluated again", () => {
  const task = { use: "worker", with: { verb: "verify", size: "${{ params.big }}", shard: "s-${{ params.source }}" } };
  expect(specOf(dag(task), { source: "${{ params.big }}" })).toMatchObject({
    container: {
      args: ["verify", "--source", "${{ params.big }}", "--shard=s-${{ params.big }}"],
      env: [{ name: "SIZE", value: "5" }],
    },
  });
});

test("use - defaults < template < task, and null in the template removes what defaults say", () => {
  const defaults = { image: "base:1", command: ["run"], namespace: "low", metadata: { labels: { team: "x" } } };
  const templates = { t: { image: "t:1", command: null, namespace: "mid", metadata: { labels: { size: "l" } } } };
  expect(specOf(dag({ use: "t", image: "own:1" }, { defaults, templates }))).toMatchObject({
    container: { image: "own:1" },
    namespace: "mid",
    metadata: { labels: { team: "x", size: "l" } },
  });
  expect(specOf(dag({ use: "t" }, { defaults, templates }))).not.toHaveProperty("container.command");
});

test("use - two tasks of one template have each their own params", () => {
  const tasks = { a: { use: "worker", with: { verb: "index" } }, b: { use: "worker", with: { verb: "verify" } } };
  const read = readDagJson(dag({}, { tasks }));
  const compiled = read.kind === "ok" ? compileDag(read.value, {}) : read;
  expect(compiled.kind === "ok" ? compiled.value.tasks : told(compiled)).toMatchObject([
    { name: "a", template: { name: "worker", spec: { container: { args: expect.arrayContaining(["index"]) } } } },
    { name: "b", template: { name: "worker", spec: { container: { args: expect.arrayContaining(["verify"]) } } } },
  ]);
});

test("use - the version of a DAG without templates stays what it was; a read document reads as itself", () => {
  const read = readDagJson(dag({ use: "worker", with: { verb: "index" } }));
  const document = read.kind === "ok" ? read.value : undefined;
  expect(document?.templates?.["worker"]).toMatchObject({ params: { shard: { type: "string", default: "" } } });
  expect(readDagJson(document)).toEqual(read);
  const plain = readDagJson({ dag: "d", tasks: { a: { noop: {} } } });
  expect(plain.kind === "ok" && Object.hasOwn(plain.value, "templates")).toBe(false);
});

const use = { use: "worker", with: { verb: "index" } };

test.each<[JsonObject, string]>([
  [{ use: "wroker" }, "error[unknown-template]: there is no template `wroker`\n  --> tasks.a.use"],
  [{ use: "wroker" }, "fix: did you mean `worker`?"],
  [{ use: 3 }, "`use` must be the name of a template"],
  [{ with: { verb: "index" }, image: "x" }, "`with` gives params to a template, and the task uses none"],
  [{ use: "worker" }, "the template `worker` needs `verb`"],
  [{ ...use, with: { verb: "index", shrad: "1" } }, "error[unknown-param]: the template `worker` has no param `shrad`"],
  [{ ...use, with: { verb: "index", shrad: "1" } }, "did you mean `shard`?"],
  [{ ...use, with: { verb: "delete" } }, "the param `verb` of `worker` must be one of `index` or `verify`"],
  [{ ...use, with: { verb: "index", size: "1" } }, "`size` of `worker` must be a whole number, not text"],
  [{ ...use, with: { verb: "${{ params.big }}" } }, "the param `verb` of `worker` must be text, not a number"],
  [{ ...use, with: ["index"] }, "`with` must be a map from param to value, not a list"],
  [{ ...use, with: { verb: "${{ params.sorce }}" } }, "did you mean `params.source`?"],
  [{ ...use, noop: {} }, "which makes no pod, and has `use`"],
])("use - %j is refused: %s", (task, text) => {
  expect(specOf(dag(task))).toContain(text);
});

test.each<[JsonObject, string]>([
  [{ w: { params: { source: "" }, image: "x" } }, "error[hidden-param]: the template's param `source` hides the DAG's"],
  [{ w: { params: { n: { type: "integer", default: "x" } }, image: "x" } }, "templates.w.params.n.default"],
  [{ w: { image: "x", args: ["${{ params.vreb }}"], params: { verb: "" } } }, "did you mean `params.verb`?"],
  [{ w: { image: "x", after: "b" } }, "`after` cannot stand in a template"],
  [{ w: { image: "x", use: "w" } }, "`use` cannot stand in a template"],
  [{ w: { image: "x", inputs: {} } }, "Argo's `inputs.parameters` are `params` here"],
  [{ w: { image: "x", imgae: "x" } }, "`imgae` is not a field of a template"],
  [{ w: null }, "templates.w"],
  [{ "1w": { image: "x" } }, "`1w` is not a name for a template"],
  [{ w: { image: "Not An Image" } }, "templates.w.image"],
])("templates - %j is refused, used or not: %s", (templates, text) => {
  expect(specOf(dag({ noop: {} }, { templates }))).toContain(text);
});

test("templates - a param of a template is not seen by the tasks", () => {
  const task = { ...use, args: ["${{ params.verb }}"] };
  expect(specOf(dag(task))).toContain("the param `verb` is not declared");
});

test("templates - what only a use shows is told once, however many tasks use it", () => {
  const templates = { w: { params: { image: "x" }, image: "${{ params.image }}" } };
  const one = { use: "w", with: { image: "No Image" } };
  const text = specOf(dag(one, { templates, tasks: { a: one, b: one } }));
  expect(typeof text === "string" ? text.match(/error\[/g) : text).toHaveLength(1);
});

test("use - a number keeps its spelling where the template wants text; a place in the file is the user's", () => {
  const text = [
    "dag: d",
    "templates: { w: { params: { n: 1 }, image: x, args: [3.10, '${{ params.n }}'] } }",
    "tasks:",
    "  a: { use: w, with: { n: true } }",
  ].join("\n");
  const [read] = lintDagFile(text, "d.yaml");
  expect(read?.kind === "refused" ? read.problems.map((each) => renderProblem(each)) : read).toMatchObject([
    expect.stringContaining("--> d.yaml:4:27   tasks.a.with.n"),
  ]);
  const [fine] = lintDagFile(text.replace("true", "2"));
  const templates = fine?.kind === "ok" ? fine.value.templates : undefined;
  expect(isJsonObject(templates?.["w"]) && templates["w"]["args"]).toEqual(["3.10", "${{ params.n }}"]);
});

test("use - what `with` gives may name an ancestor: the template's own words take it over, right before the attempt", () => {
  const tasks = {
    plan: { image: "x", outputs: { shard: { type: "string" }, n: { type: "integer" } } },
    a: {
      after: "plan",
      use: "worker",
      with: { verb: "index", shard: "s-${{ tasks.plan.outputs.shard }}", size: "${{ tasks.plan.outputs.n }}" },
    },
  };
  const read = readDagJson(dag({}, { tasks }));
  const compiled = read.kind === "ok" ? compileDag(read.value, { source: "$${{ x }}" }) : read;
  expect(compiled.kind === "ok" ? compiled.value.tasks[1] : told(compiled)).toMatchObject({
    needs: { tasks: ["plan"] },
    template: {
      spec: {
        container: {
          args: ["index", "--source", "$$${{ x }}", "--shard=s-${{ tasks.plan.outputs.shard }}"],
          env: [{ name: "SIZE", value: "${{ tasks.plan.outputs.n }}" }],
        },
      },
    },
  });
});

test.each([
  [
    { retries: { limit: "${{ params.n }}" } },
    "is known only when the task starts, and this is decided when the run does",
  ],
  [{ args: ["${{ params.n + 1 }}"] }, "`params.n` is known only when the task starts: write it alone"],
])("use - %j of a template cannot take what only an attempt knows", (fields, text) => {
  const templates = { w: { params: { n: { type: "integer" } }, image: "x", ...fields } };
  const plan = { image: "x", outputs: { n: { type: "integer" } } };
  const a = { after: "plan", use: "w", with: { n: "${{ tasks.plan.outputs.n }}" } };
  expect(specOf(dag({}, { templates, tasks: { plan, a } }))).toContain(text);
});
