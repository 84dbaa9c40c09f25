/** `if` over real pods: a branch by an output, a join behind it, and a condition that fails. */
import { reportOf, sharedFleet, shell, startDag } from "@slipway/testbed";
import { expect, test } from "vitest";

const fleet = sharedFleet({ env: { SLIPWAY_HISTORY_EVENTS: "50" } });

async function tasksOf(run: string, tasks: Record<string, unknown>) {
  const handle = await startDag(fleet, "condition", run, { params: { deep: false }, tasks });
  const end = await handle.result().then(
    () => "succeeded",
    () => "failed",
  );
  const { runId } = await handle.describe();
  return {
    end,
    hopped: runId !== handle.firstExecutionRunId,
    ...(await reportOf(handle)),
  };
}

test("if - a branch by an output, asked once, in a run that continues as new", async () => {
  const { end, hopped, tasks } = await tasksOf("branch", {
    inspect: {
      ...shell(`echo '{"mode": "delta"}' > "$SLIPWAY_OUTPUTS"`),
      outputs: { mode: { enum: ["full", "delta"] } },
    },
    full: { ...shell("exit 3"), after: "inspect", if: 'tasks.inspect.outputs.mode == "full"' },
    delta: { ...shell("true"), after: "inspect", if: 'tasks.inspect.outputs.mode == "delta"' },
    deep: { noop: {}, if: "params.deep" },
    join: {
      ...shell("true"),
      after: ["full", "delta"],
      rule: "none_failed_min_one_success",
      if: 'tasks.full.state == "skipped"',
    },
    late: { noop: {}, after: "join", if: "run.dag == 'condition' && size(ds) == 10" },
  });
  expect(tasks).toMatchObject({
    full: { state: "skipped", reason: "its `if` is false" },
    delta: { state: "succeeded" },
    deep: { state: "skipped", reason: "its `if` is false" },
    join: { state: "succeeded" },
    late: { state: "succeeded" },
  });
  expect({ end, hopped }).toEqual({ end: "succeeded", hopped: true });
});

test("if - a condition that fails, or does not end, fails its task and hides nothing", async () => {
  const { end, tasks } = await tasksOf("broken", {
    first: {
      ...shell(`echo '{"n": 0, "slow": "${"a".repeat(40)}!"}' > "$SLIPWAY_OUTPUTS"`),
      outputs: { n: 0, slow: "" },
    },
    divided: { ...shell("true"), after: "first", if: "1 / tasks.first.outputs.n == 1" },
    endless: { noop: {}, after: "first", if: "tasks.first.outputs.slow.matches('^(a+)+$')" },
    behind: { noop: {}, after: "divided" },
  });
  expect(tasks).toMatchObject({
    divided: { state: "failed", kind: "expression", attempts: 0, message: "if: division by zero" },
    endless: { state: "failed", kind: "expression", message: "if: it took longer than 2 s" },
    behind: { state: "upstream_failed" },
  });
  expect(end).toBe("failed");
});
