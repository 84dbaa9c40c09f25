// A DAG in TypeScript. Functions and loops are TypeScript's; what comes out is the same model that YAML gives.
//   slipway build examples/builder/dag.ts > dag.json && slipway run dag.json
import { cel, dag, item, run, value } from "@slipway/dag/builder";

const etl = dag("builder_etl", {
  params: { source: "s3://lake/events" },
  defaults: { image: "slipway.local/busybox:1", command: ["sh", "-c"], retries: { limit: 1, delay: "1s" } },
});

const start = etl.task("start", { noop: {} });

const loads = ["eu", "us"].map((region) =>
  etl.task(`load-${region}`, {
    after: start,
    args: [`echo loading ${region} from ${etl.params.source}; echo 42`],
    outputs: { rows: { type: "integer", from: "lastLine" } },
  }),
);

etl.task("page", { after: loads, rule: "one_failed", args: ["echo somebody should look"] });

// A template's params are typed: `with` must give what has no default, and nothing else.
const worker = etl.template("worker", { verb: { type: "string" }, part: 0 }, (params) => ({
  args: [`echo ${params.verb} part ${params.part}; echo ${params.part}`],
  outputs: { part: { type: "integer", from: "lastLine" } },
}));

// A group is waited for as a whole; in it tasks wait for each other alone.
const index = etl.group("index", { after: loads, parallelism: 2 });
const parts = index.task("parts", { use: worker, with: { verb: "index", part: item }, forEach: [1, 2, 3] });
const sum = index.task("sum", {
  after: parts,
  if: cel`size(${parts.outputs.part}) == ${3}`,
  args: [`echo ${value`sum(${parts.outputs.part})`}`],
});
index.finally("down", { after: sum, args: ["echo down"] });

etl.finally("report", { args: [`echo ${run.dag} ${run.state}`] });
etl.output("parts", parts.outputs.part, { type: "array" });

export default etl;
