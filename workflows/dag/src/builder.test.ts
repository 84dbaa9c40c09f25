import { expect, test } from "vitest";
import { dag } from "./builder.ts";
import { told } from "./read/compiled-task.ts";
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
  expect(() => two.task("b", { noop: {}, after: foreign })).toThrow("b waits for a, which is a task of another DAG");
  expect(() => one.task("a", { noop: {} })).toThrow("two tasks called a");
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
  // @ts-expect-error -- a rule beside the map form
  one.task("e", { image: "x", after: new Map([[a, "done"]]), rule: "all_done" });
});
