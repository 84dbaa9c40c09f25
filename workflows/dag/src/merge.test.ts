import { expect, test } from "vitest";
import { graphOf } from "./graph.ts";
import type { CompiledDag, CompiledTask, SpecFields } from "./compiled.ts";
import { isDagName, isTaskName } from "./ids.ts";
import { layersOf, policyOf, taskSpec, taskSpecWithOrigins } from "./merge.ts";

type PodTask = Extract<CompiledTask, { kind: "pod" }>;

function aDag(defaults: SpecFields, spec: SpecFields): [CompiledDag, PodTask] {
  const [dag, name] = ["d", "t"];
  if (!isDagName(dag) || !isTaskName(name)) throw new Error("names");
  const task: PodTask = { kind: "pod", name, after: [], spec };
  return [{ dag, version: "", params: {}, defaults, tasks: [task] }, task];
}

const INSTALLATION = { limit: 0, delayMs: 30_000, factor: 1, maxDelayMs: 600_000, disruptions: 3 };

test("taskSpec - installation < defaults < task", () => {
  const spec = taskSpec(
    ...aDag(
      {
        container: { image: "a:1", command: ["x"], env: [{ name: "A", value: "1" }] },
        pod: { nodeSelector: { disk: "ssd" }, tolerations: [{ key: "a" }] },
        metadata: { labels: { team: "x", keep: "y" } },
        namespace: "low",
        mainContainer: "job",
        retries: { limit: 1, delayMs: 1000 },
        timeout: { attemptMs: 1000 },
      },
      {
        container: { image: "b:1", env: [{ name: "B", value: "2" }] },
        pod: { tolerations: [{ key: "b" }] },
        metadata: { labels: { team: "z" } },
        retries: { limit: 3 },
      },
    ),
  );
  expect(spec).toEqual({
    container: {
      image: "b:1",
      command: ["x"],
      env: [
        { name: "A", value: "1" },
        { name: "B", value: "2" },
      ],
    },
    pod: { nodeSelector: { disk: "ssd" }, tolerations: [{ key: "b" }] },
    metadata: { labels: { team: "z", keep: "y" } },
    namespace: "low",
    mainContainer: "job",
    retries: { ...INSTALLATION, limit: 3, delayMs: 1000 },
    timeout: { attemptMs: 1000, scheduleMs: 3_600_000, startMs: 1_800_000 },
  });
});

test("taskSpec - what nobody says is the installation's", () => {
  expect(taskSpec(...aDag({}, { container: { image: "a" } }))).toEqual({
    container: { image: "a" },
    retries: INSTALLATION,
    timeout: { scheduleMs: 3_600_000, startMs: 1_800_000 },
  });
});

test("taskSpec - null removes what the defaults set, whole fields included", () => {
  const defaults: SpecFields = {
    container: { image: "a", command: ["x"] },
    pod: { nodeName: "n" },
    namespace: "low",
    retries: { limit: 5 },
    timeout: { attemptMs: 1000 },
  };
  const spec = taskSpec(
    ...aDag(defaults, {
      container: { command: null },
      pod: null,
      namespace: null,
      retries: null,
      timeout: { attemptMs: null },
    }),
  );
  expect(spec).toEqual({
    container: { image: "a" },
    retries: INSTALLATION,
    timeout: { scheduleMs: 3_600_000, startMs: 1_800_000 },
  });
});

test("taskSpec - an output of the task replaces the whole one in defaults; null in a schema stays; null for it removes", () => {
  const rows = { type: "integer", minimum: 1, from: "lastLine" };
  const defaults: SpecFields = { container: { image: "a" }, outputs: { rows, mode: { type: "string" }, gone: {} } };
  const spec = taskSpec(...aDag(defaults, { outputs: { rows: { enum: [null, 1], default: null }, gone: null } }));
  expect(spec.outputs).toEqual({
    rows: { from: "message", schema: { enum: [null, 1], default: null } },
    mode: { from: "message", schema: { type: "string" } },
  });
  expect(taskSpec(...aDag(defaults, { outputs: null })).outputs).toBeUndefined();
});

test("policyOf - is the policy part of taskSpec", () => {
  const [compiled, task] = aDag({ retries: { limit: 2 } }, { timeout: { attemptMs: 7 } });
  const { retries, timeout } = taskSpec(compiled, task);
  expect(policyOf(layersOf(compiled, task))).toEqual({ retries, timeout });
});

test("cleanup - the task's over the defaults', field by field, each with its origin", () => {
  const dag = aDag({ cleanup: { when: "onSuccess", afterMs: 60_000 } }, { cleanup: { when: "never" } });
  const { spec, origins } = taskSpecWithOrigins(...dag);
  expect(spec.cleanup).toEqual({ when: "never", afterMs: 60_000 });
  expect([origins.get("cleanup.when"), origins.get("cleanup.afterMs")]).toEqual(["task", "defaults"]);
  expect(taskSpec(...aDag({ cleanup: { when: "never" } }, { cleanup: null })).cleanup).toBeUndefined();
  expect(taskSpec(...aDag({}, { cleanup: { afterMs: 5 } })).cleanup).toEqual({ when: "always", afterMs: 5 });
});

test("graphOf - only the task's own retries.disruptions accepts that two of its pods may run at once", () => {
  const accepts = (defaults: SpecFields, spec: SpecFields) => {
    const [compiled, task] = aDag(defaults, spec);
    return graphOf(compiled).get(task.name)?.retries.acceptsOverlap;
  };
  expect(accepts({ retries: { disruptions: 2 } }, { retries: { limit: 1 } })).toBeUndefined();
  expect(accepts({}, { retries: { disruptions: null } })).toBeUndefined();
  expect(accepts({}, { retries: { disruptions: 2 } })).toBe(true);
});

test("taskSpecWithOrigins - each value names the layer it came from", () => {
  const { origins } = taskSpecWithOrigins(
    ...aDag(
      { container: { image: "a", args: ["x"], env: [{ name: "A", value: "1" }] }, retries: { limit: 1 } },
      { container: { image: "b", env: [{ name: "B", value: "2" }] }, metadata: { labels: { x: "y" } } },
    ),
  );
  expect(Object.fromEntries(origins)).toEqual({
    "container.image": "task",
    "container.args": "defaults",
    "container.env[0].name": "defaults",
    "container.env[0].value": "defaults",
    "container.env[1].name": "task",
    "container.env[1].value": "task",
    "metadata.labels.x": "task",
    "retries.limit": "defaults",
    "retries.delayMs": "installation",
    "retries.factor": "installation",
    "retries.maxDelayMs": "installation",
    "retries.disruptions": "installation",
    "timeout.scheduleMs": "installation",
    "timeout.startMs": "installation",
  });
});

/** The same with a template between the two. */
function withTemplate(defaults: SpecFields, template: SpecFields, spec: SpecFields): [CompiledDag, PodTask] {
  const [compiled, task] = aDag(defaults, spec);
  return [compiled, { ...task, template: { name: "w", spec: template } }];
}

test("taskSpec - defaults < template < task, layer by layer: null in a template removes, and the task may give it again", () => {
  const dag = withTemplate(
    {
      container: { image: "a", command: ["x"], env: [{ name: "A", value: "1" }] },
      pod: { nodeName: "n" },
      namespace: "low",
      exitCodes: { skip: [9] },
      outputs: { gone: {}, mode: { type: "string" } },
    },
    {
      container: { image: "b", command: null, env: [{ name: "A", $patch: "delete" }] },
      pod: null,
      namespace: "mid",
      retries: { limit: 2, disruptions: 0 },
      outputs: { gone: null, rows: { type: "integer" } },
    },
    { container: { args: ["y"] }, pod: { hostname: "h" }, retries: { limit: 3 }, outputs: { rows: { type: "null" } } },
  );
  const { spec, origins } = taskSpecWithOrigins(...dag);
  expect(spec).toEqual({
    container: { image: "b", env: [], args: ["y"] },
    pod: { hostname: "h" },
    namespace: "mid",
    outputs: {
      mode: { from: "message", schema: { type: "string" } },
      rows: { from: "message", schema: { type: "null" } },
    },
    retries: { ...INSTALLATION, limit: 3, disruptions: 0 },
    timeout: { scheduleMs: 3_600_000, startMs: 1_800_000 },
  });
  expect(
    ["container.image", "container.args", "namespace", "retries.limit", "retries.disruptions"].map((at) =>
      origins.get(at),
    ),
  ).toEqual(["template", "task", "template", "task", "template"]);
  expect(graphOf({ ...dag[0], tasks: [dag[1]] }).get(dag[1].name)).toMatchObject({
    exitCodes: { skip: [9], fail: [] },
  });
});

test("taskSpecWithOrigins - what a layer removes again is the installation's, not that of the layer below", () => {
  const { origins } = taskSpecWithOrigins(...withTemplate({ retries: { limit: 4 } }, { retries: null }, {}));
  expect(origins.get("retries.limit")).toBe("installation");
});

test("graphOf - what a template says of retries.disruptions is as good as the task's own", () => {
  const accepts = (template: SpecFields, spec: SpecFields) => {
    const [compiled, task] = withTemplate({ retries: { disruptions: 1 } }, template, spec);
    const graph = graphOf({ ...compiled, tasks: [task] });
    return graph.get(task.name)?.retries.acceptsOverlap;
  };
  expect(accepts({ retries: { disruptions: 2 } }, {})).toBe(true);
  expect(accepts({ retries: { disruptions: 2 } }, { retries: { disruptions: null } })).toBeUndefined();
});
