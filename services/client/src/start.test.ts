import { isRunId } from "@slipway/dag";
import { expect, test } from "vitest";
import { detailsOf, summaryOf } from "./start.ts";

test("Temporal's Web UI - a summary and details with names and commands, never a param's value", () => {
  const document = {
    dag: "etl",
    owner: "data",
    description: "Loads.",
    params: { password: "hunter2" },
    tasks: { a: {}, b: {} },
  };
  const run = "kx2";
  if (!isRunId(run)) throw new Error(run);
  expect(summaryOf("etl", document)).toBe("etl: 2 tasks");
  expect(detailsOf("slipway", "etl", run, document)).toMatchInlineSnapshot(`
    "Loads.
    owner: data
    - report: \`slipway describe kx2\`
    - logs: \`slipway logs kx2 -f\`
    - live: \`nats sub 'slipway.log.etl.>'\`"
  `);
});

test("Temporal's Web UI - limits: 200 bytes of summary, 20 kB of details", () => {
  const document = { tasks: {}, description: "x".repeat(100_000) };
  const run = "r";
  if (!isRunId(run)) throw new Error(run);
  expect(summaryOf("d".repeat(48), document).length).toBeLessThan(200);
  expect(detailsOf("slipway", "d".repeat(48), run, document).length).toBeLessThan(20_000);
});
