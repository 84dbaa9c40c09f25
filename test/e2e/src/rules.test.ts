/** Rules and edges over real pods. */
import { exits, sharedFleet, startDag } from "@slipway/testbed";
import { expect, test } from "vitest";

const fleet = sharedFleet();

test("rules - branch and join: a rule and a map of edges decide what follows a failure and a skip", async () => {
  const tasks = {
    full: { ...exits(3) },
    delta: { ...exits(99), exitCodes: { skip: [99] } },
    join: { ...exits(0), after: ["full", "delta"], rule: "none_failed_min_one_success" },
    repair: { ...exits(0), after: ["full", "delta"], rule: "one_failed" },
    index: { noop: {}, after: ["join", "repair"], rule: "one_success" },
    note: { noop: {}, after: { delta: "skipped", repair: ["succeeded", "failed"] } },
    never: { ...exits(0), after: { full: "succeeded", delta: "done" } },
  };
  const handle = await startDag(fleet, "rules", "1", { tasks });
  const error: unknown = await handle.result().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ cause: { type: "DagFailed", message: "full failed: exit code 3" } });
  expect(await handle.query("state")).toMatchObject({
    state: "failed",
    tasks: {
      full: { state: "failed" },
      delta: { state: "skipped" },
      join: { state: "upstream_failed", reason: "full did not succeed" },
      repair: { state: "succeeded", attempts: 1 },
      index: { state: "succeeded" },
      note: { state: "succeeded" },
      never: { state: "upstream_failed", reason: "full did not succeed" },
    },
  });
});
