import { type AttemptRef, isDagName, isRunId, isTaskName } from "@slipway/dag";
import { expect, test } from "vitest";
import type { ChainFate } from "./chain-fate.ts";
import { standingIn, standings } from "./standing.ts";

function attempt(workflowId: string, task = "load", number = 1): AttemptRef {
  const [dag, run] = ["etl", "r"];
  if (!isDagName(dag) || !isRunId(run) || !isTaskName(task)) throw new Error("names");
  return { installation: "i", chain: { workflowId, firstExecutionRunId: "f" }, dag, run, task, attempt: number };
}

test.each([
  ["running", 2, 1, "settled"],
  ["running", 2, 2, "open"],
  ["running", 2, 3, "open"],
  ["retrying", 2, 2, "settled"],
  ["succeeded", 2, 2, "settled"],
  ["waiting", 2, 2, "settled"],
] as const)("a task that is %s, %i attempts: attempt %i is %s", (state, attempts, number, expected) => {
  const report = { state: "running", tasks: { load: { state, attempts } }, outputs: {} };
  expect(standingIn(report, { task: "load", attempt: number })).toBe(expected);
});

test.each([[undefined], [{}], [{ tasks: {} }], [{ tasks: { load: { state: "running" } } }]])(
  "an answer that does not say it, %j, is doubt",
  (state) => {
    expect(standingIn(state, { task: "load", attempt: 1 })).toBe("unknown");
  },
);

test("each run is asked once; a closed one is told once, an open one is asked for its state", async () => {
  const asked: string[] = [];
  const fates: Record<string, ChainFate> = {
    a: { kind: "closed", how: "terminated" },
    b: { kind: "moved" },
    c: { kind: "unknown" },
    d: { kind: "open" },
  };
  const standingOf = standings({
    fateOf: async ({ workflowId }) => {
      asked.push(`fate ${workflowId}`);
      return fates[workflowId] ?? { kind: "unknown" };
    },
    askState: async (workflowId) => {
      asked.push(`state ${workflowId}`);
      if (workflowId === "d") throw new Error("no worker");
      return { tasks: { load: { state: "succeeded", attempts: 1 } } };
    },
    onClosed: async ({ chain }, how) => {
      asked.push(`${chain.workflowId} was ${how}`);
    },
  });
  const refs = ["a", "b", "c", "d"].flatMap((id) => [attempt(id), attempt(id)]);
  expect(await Promise.all(refs.map(standingOf))).toEqual(
    ["over", "settled", "unknown", "unknown"].flatMap((standing) => [standing, standing]),
  );
  expect(asked.toSorted()).toEqual(["a was terminated", "fate a", "fate b", "fate c", "fate d", "state b", "state d"]);
});
