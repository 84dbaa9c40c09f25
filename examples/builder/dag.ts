// A DAG in TypeScript. Functions and loops are TypeScript's; what comes out is the same model that YAML gives.
//   slipway build examples/builder/dag.ts > dag.json && slipway run dag.json
import { dag } from "@slipway/dag/builder";

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

etl.task("publish", { after: loads, args: ["echo published"] });
etl.task("page", { after: loads, rule: "one_failed", args: ["echo somebody should look"] });

export default etl;
