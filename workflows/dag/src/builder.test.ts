import fc from "fast-check";
import { expect, test } from "vitest";
import { cel, type Dag, dag, type Group, index, item, itemField, run, type Task, value } from "./builder.ts";
import { told } from "./read/compiled-task.ts";
import { compileDag } from "./read/compile.ts";
import { readDagJson } from "./read/dag-file.ts";

test("builder - emits the model of the DAG file, which lint accepts", () => {
  const etl = dag("etl", { owner: "data", timeout: "4h", params: { region: "eu" }, defaults: { image: "loader:1" } });
  const start = etl.task("start", { noop: {} });
  const load = etl.task("load", {
    after: start,
    args: ["--region", etl.params.region],
    env: { TOKEN: { secretKeyRef: { name: "api", key: "token" } } },
    pod: { tolerations: [{ key: "gpu", operator: "Exists" }] },
    outputs: { rows: { type: "integer", from: "lastLine" } },
    retries: { limit: 2, delay: "10s" },
  });
  etl.task("publish", { after: [load], args: [load.outputs.rows] });
  etl.task("check", { noop: {}, after: load, if: 'params.region == "eu"' });
  etl.task("repair", { after: new Map([[load, ["failed"]]]), args: ["repair"] });
  etl.finally("report", { args: ["report"], after: load });
  const model = JSON.parse(JSON.stringify(etl));
  expect(model).toEqual({
    dag: "etl",
    owner: "data",
    timeout: "4h",
    params: { region: "eu" },
    defaults: { image: "loader:1" },
    tasks: {
      start: { noop: {} },
      load: {
        after: ["start"],
        args: ["--region", "${{ params.region }}"],
        env: { TOKEN: { secretKeyRef: { name: "api", key: "token" } } },
        pod: { tolerations: [{ key: "gpu", operator: "Exists" }] },
        outputs: { rows: { type: "integer", from: "lastLine" } },
        retries: { limit: 2, delay: "10s" },
      },
      publish: { after: ["load"], args: ['${{ tasks["load"].outputs.rows }}'] },
      check: { noop: {}, after: ["load"], if: 'params.region == "eu"' },
      repair: { after: { load: ["failed"] }, args: ["repair"] },
    },
    finally: { report: { args: ["report"], after: ["load"] } },
  });
  expect(told(readDagJson(model))).toBe("ok");
});

test("builder - a task of another DAG and a name that is taken are refused when they are written", () => {
  const [one, two] = [dag("one"), dag("two")];
  const foreign = one.task("a", { noop: {} });
  expect(() => two.task("b", { noop: {}, after: foreign })).toThrow("b waits for a, which does not stand beside it");
  expect(() => one.task("a", { noop: {} })).toThrow("two tasks called a");
  const group = one.group("g");
  const inside = group.task("b", { noop: {} });
  expect(() => one.task("c", { noop: {}, after: inside })).toThrow("c waits for b, which does not stand beside it");
  expect(() => group.task("g", { noop: {} })).toThrow("the group g holds a task called g");
});

test("builder - groups with their own finally, templates, the outputs of the DAG, conditions over handles", () => {
  const etl = dag("etl", { params: { region: "eu" }, defaults: { image: "loader:1" }, failFast: true });
  const worker = etl.template("worker", { verb: { type: "string" }, shard: 0 }, (params) => ({
    args: [params.verb, "--shard", params.shard, "--region", etl.params.region],
    outputs: { rows: { type: "integer", from: "lastLine" } },
  }));
  const plan = etl.task("plan", { use: worker, with: { verb: "plan" } });
  const index = etl.group("index", { after: plan, if: cel`${plan.outputs.rows} > ${10}`, parallelism: 2 });
  const up = index.task("up", { args: ["up"], outputs: { host: "none" } });
  const inner = index.group("inner", { after: up, defaults: { env: { REGION: etl.params.region } } });
  inner.task("build", {
    env: { HOST: up.outputs.host },
    use: worker,
    with: { verb: "build", shard: plan.outputs.rows },
  });
  index.finally("down", { after: new Map([[up, "succeeded"]]), args: ["down"] });
  etl.task("publish", { after: [index], args: [plan.outputs.rows] });
  etl.finally("report", { if: cel`${run.state} == ${"failed"}`, args: [run.failures, plan.state] });
  etl.output("rows", plan.outputs.rows, { type: "integer" });
  const model = JSON.parse(JSON.stringify(etl));
  expect(model).toMatchObject({
    templates: {
      worker: {
        params: { verb: { type: "string" }, shard: 0 },
        args: ["${{ params.verb }}", "--shard", "${{ params.shard }}", "--region", "${{ params.region }}"],
      },
    },
    tasks: {
      plan: { use: "worker", with: { verb: "plan" } },
      index: {
        after: ["plan"],
        if: 'tasks["plan"].outputs.rows > 10',
        parallelism: 2,
        tasks: {
          up: { args: ["up"], outputs: { host: "none" } },
          inner: {
            after: ["up"],
            defaults: { env: { REGION: "${{ params.region }}" } },
            tasks: {
              build: {
                env: { HOST: '${{ tasks["index.up"].outputs.host }}' },
                use: "worker",
                with: { verb: "build", shard: '${{ tasks["plan"].outputs.rows }}' },
              },
            },
          },
        },
        finally: { down: { after: { up: "succeeded" } } },
      },
      publish: { after: ["index"] },
    },
    finally: { report: { if: 'run.state == "failed"', args: ["${{ run.failures }}", '${{ tasks["plan"].state }}'] } },
    outputs: { rows: { value: '${{ tasks["plan"].outputs.rows }}', schema: { type: "integer" } } },
  });
  expect(told(readDagJson(model))).toBe("ok");
});

test("builder - a task for each item of another's output, and for every combination", () => {
  const etl = dag("etl", { defaults: { image: "loader:1" } });
  const plan = etl.task("plan", { outputs: { days: { type: "array", from: "stdout" } } });
  const load = etl.task("load", {
    after: plan,
    forEach: plan.outputs.days,
    key: item,
    parallelism: 8,
    pool: { name: "db", slots: 2 },
    priority: "high",
    args: [item, index],
    outputs: { rows: { type: "integer", default: 0 } },
  });
  etl.task("pairs", {
    noop: {},
    forEach: { os: ["a", "b"], arch: ["c"] },
    key: `${itemField("os")}-${itemField("arch")}`,
  });
  etl.task("sum", {
    after: load,
    args: [load.outputs.rows, load.items, value`sum(${load.outputs.rows}) + ${1}`],
    if: cel`${load.state} == ${"succeeded"}`,
  });
  const model = JSON.parse(JSON.stringify(etl));
  expect(model).toMatchObject({
    tasks: {
      load: { forEach: '${{ tasks["plan"].outputs.days }}', key: "${{ item }}", args: ["${{ item }}", "${{ index }}"] },
      pairs: { key: "${{ item.os }}-${{ item.arch }}" },
      sum: {
        args: [
          '${{ tasks["load"].outputs.rows }}',
          '${{ tasks["load"].items }}',
          '${{ sum(tasks["load"].outputs.rows) + 1 }}',
        ],
      },
    },
  });
  expect(told(readDagJson(model))).toBe("ok");
});

test("builder - what a noop and a group hand on are values of expressions", () => {
  const etl = dag("etl");
  const both = etl.task("both", { noop: {}, outputs: { day: { value: run.id, type: "string" } } });
  const index = etl.group("index", { after: both });
  const up = index.task("up", { image: "x", outputs: { host: { type: "string" } } });
  const host = index.output("host", up.outputs.host, { type: "string" });
  etl.task("use", { image: "x", after: index, args: [host, both.outputs.day] });
  const model = JSON.parse(JSON.stringify(etl));
  expect(model).toMatchObject({
    tasks: {
      index: { outputs: { host: { value: '${{ tasks["index.up"].outputs.host }}', type: "string" } } },
      use: { args: ['${{ tasks["index"].outputs.host }}', '${{ tasks["both"].outputs.day }}'] },
    },
  });
  expect(told(readDagJson(model))).toBe("ok");
  expect(() => index.output("host", "h")).toThrow("the group index has two outputs called host");
});

test("builder - a person is asked, a time and a message are waited for; what they hand on is typed", () => {
  const etl = dag("etl", { defaults: { image: "x" } });
  const review = etl.task("review", {
    approve: { message: value`${run.dag} + "?"`, assignees: ["anna"], default: "reject" },
    timeout: "8h",
  });
  const settle = etl.task("settle", { after: review, wait: "30s" });
  const ready = etl.task("ready", {
    after: settle,
    wait: { event: { subject: "lake.ready", if: "has(event.data.day)" } },
  });
  etl.task("publish", { after: ready, args: [review.outputs.by, review.outputs.choice, ready.outputs.data] });
  // @ts-expect-error -- an approval hands on no such thing
  expect(review.outputs.answer).toBeUndefined();
  expect(told(readDagJson(JSON.parse(JSON.stringify(etl))))).toBe("ok");
});

test("builder - expressions in the lists, maps and texts of a condition are expressions there", () => {
  const one = dag("one", { params: { region: "eu", n: 1 } });
  const { region, n } = one.params;
  const ready = value`${{ at: { of: [region, "a"] }, n }}`;
  expect(cel`${region} in ${["us", region]} && ${`x-${region}`} == ${"${{"}`).toBe(
    'params.region in ["us", params.region] && ("x-" + string(params.region)) == "${{"',
  );
  one.task("a", { noop: {}, if: cel`${`x-${region}`} == ${"x-eu"}`, outputs: { ready: { value: ready } } });
  one.task("b", { image: "x", args: value`${["--region"]} + ${[region]}`, env: { NOTE: `${region}: ${n}` } });
  const read = readDagJson(JSON.parse(JSON.stringify(one)));
  expect(told(read)).toBe("ok");
  const compiled = read.kind === "ok" ? compileDag(read.value, { region: "us" }) : read;
  expect(compiled.kind === "ok" ? compiled.value.tasks.map(({ name }) => name) : told(compiled)).toEqual(["a", "b"]);
  expect(JSON.stringify(compiled)).toContain('"args":["--region","us"]');
  expect(JSON.stringify(compiled)).toContain('{"at":{"of":["us","a"]},"n":1}');
});

test("builder - what lies under a task is handed on by it too: outputs of defaults, of a group's, of a template", () => {
  const one = dag("one", { defaults: { image: "x", outputs: { rows: 0 } } });
  const up = one.template("up", { n: 1 }, () => ({ outputs: { host: "none" } }));
  const group = one.group("g", { defaults: { outputs: { day: "" } } });
  const a = group.task("a", { use: up, outputs: { own: 1 } });
  group.task("b", { after: a, args: [a.outputs.rows, a.outputs.day, a.outputs.host, a.outputs.own] });
  // @ts-expect-error -- the outputs of the group's defaults end with the group
  expect(one.task("c", {}).outputs.day).toBeUndefined();
  // @ts-expect-error -- nothing lies under a noop
  expect(one.task("d", { noop: {} }).outputs.rows).toBeUndefined();
  // @ts-expect-error -- a wait for a time hands on nothing
  expect(one.task("e", { wait: "1m" }).outputs.data).toBeUndefined();
  expect(told(readDagJson(JSON.parse(JSON.stringify(one))))).toBe("ok");
});

/** A section is filled with tasks that wait for some of those before them, and with groups of the same kind. */
interface Plan {
  readonly tasks: readonly {
    readonly waits: readonly number[];
    readonly last: boolean;
    readonly inside: Plan | undefined;
  }[];
}
const plans = fc.letrec<{ plan: Plan }>((tie) => ({
  plan: fc.record({
    tasks: fc.array(
      fc.record({
        waits: fc.array(fc.nat(5), { maxLength: 2 }),
        last: fc.boolean(),
        inside: fc.option(tie("plan"), { nil: undefined, maxDepth: 2 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  }),
})).plan;

function fill(section: Pick<Dag, "task" | "finally" | "group">, { tasks }: Plan, depth = 0): void {
  const made: (Task | Group)[] = [section.task("first", { image: "x", outputs: { n: 1 } })];
  for (const [at, { waits, last, inside }] of tasks.entries()) {
    const after = [...new Set(waits.flatMap((wait) => made[wait] ?? []))];
    const words = { ...(after.length > 0 && { after }) };
    const args = after.map((each) => ("outputs" in each ? (each.outputs["n"] ?? "none") : each.state));
    if (inside !== undefined) {
      const group = section.group(`g${depth}-${at}`, words);
      fill(group, inside, depth + 1);
      made.push(group);
    } else if (last) section.finally(`f${at}`, { image: "x", args, ...words });
    else made.push(section.task(`t${at}`, { image: "x", args, outputs: { n: 1 }, ...words }));
  }
}

test("builder - whatever is built, lint accepts, and reading it gives the same model again", () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const built = dag("d");
      fill(built, plan);
      const model: unknown = JSON.parse(JSON.stringify(built));
      const read = readDagJson(model);
      expect(told(read)).toBe("ok");
      const document = read.kind === "ok" ? read.value : undefined;
      const again = readDagJson(JSON.parse(JSON.stringify(document)));
      expect(again.kind === "ok" ? again.value : told(again)).toEqual(document);
      expect(JSON.parse(JSON.stringify(built))).toEqual(model);
    }),
    { numRuns: 30 },
  );
});

test("builder - what cannot be written does not compile", () => {
  const one = dag("one", { params: { region: "eu" } });
  const a = one.task("a", { image: "x", outputs: { rows: 0 } });
  // @ts-expect-error -- a param that is not declared
  expect(one.params.regoin).toBeUndefined();
  // @ts-expect-error -- an output that is not declared
  expect(a.outputs.row).toBeUndefined();
  // @ts-expect-error -- a task that declares no outputs has none
  expect(one.task("none", { image: "x" }).outputs.rows).toBeUndefined();
  // @ts-expect-error -- a name in the place of a handle
  expect(() => one.task("b", { image: "x", after: "a" })).toThrow();
  // @ts-expect-error -- a misspelt Kubernetes field
  one.task("c", { image: "x", imagePullPolcy: "Always" });
  // @ts-expect-error -- a value that Kubernetes does not have
  one.task("d", { image: "x", pod: { hostNetwork: "yes" } });
  const worker = one.template("worker", { verb: { type: "string" }, n: 1 }, (params) => ({ image: params.verb }));
  // @ts-expect-error -- a param of a template that must be given
  one.task("f", { use: worker, with: {} });
  // @ts-expect-error -- a param that the template does not have
  one.task("g", { use: worker, with: { verb: "x", m: 1 } });
  // @ts-expect-error -- a param that a template's fields do not have
  one.template("w2", { verb: "x" }, (params) => ({ image: params.vreb }));
  // @ts-expect-error -- a group has no image of its own
  one.group("h", { image: "x" });
  // @ts-expect-error -- a task in a group is waited for in the group alone: a template is no task
  expect(() => one.task("i", { image: "x", after: worker })).toThrow();
  // @ts-expect-error -- a number or a text that is no duration
  one.task("j", { image: "x", timeout: "an hour", retries: { delay: 30 } });
  // @ts-expect-error -- a param where none is declared
  expect(dag("two").params.region).toBeUndefined();
  // @ts-expect-error -- a rule beside the map form
  one.task("e", { image: "x", after: new Map([[a, "done"]]), rule: "all_done" });
});
