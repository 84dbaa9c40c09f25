/** What `with` gives a template, over real pods. */
import { sharedFleet } from "@slipway/testbed";
import { expect, test } from "vitest";

const fleet = sharedFleet();

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
