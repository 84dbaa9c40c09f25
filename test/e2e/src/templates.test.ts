/** What `with` gives a template, over real pods. */
import { aFleet, type Fleet } from "@slipway/testbed";
import { afterAll, beforeAll, expect, inject, test } from "vitest";

let fleet: Fleet;

beforeAll(async () => {
  fleet = await aFleet(inject("slipway"));
});
afterAll(async () => await fleet?.close());

test("templates - `with` hands an ancestor's output to the template", async () => {
  const busybox = { image: "slipway.local/busybox:1" };
  const plan = {
    ...busybox,
    command: ["echo", "7"],
    outputs: { shard: { type: "integer", from: "lastLine" } },
  };
  const templates = {
    worker: { params: { shard: { type: "integer" } }, ...busybox, command: ["echo", "shard ${{ params.shard }}"] },
  };
  const tasks = { plan, work: { after: "plan", use: "worker", with: { shard: "${{ tasks.plan.outputs.shard }}" } } };
  await fleet.temporal.workflow.execute("runDag", {
    taskQueue: fleet.installation,
    workflowId: "dag/handed/1",
    args: [{ dag: { dag: "handed", defaults: { namespace: fleet.namespace }, templates, tasks } }],
  });
  expect((await fleet.run("logs", "handed/1", "work")).stdout).toBe("shard 7\n");
});
