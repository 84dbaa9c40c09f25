import { expect, test } from "vitest";
import { graphOf } from "./graph.ts";
import { isDagName, isTaskName } from "./ids.ts";
import type { Outcome } from "./outcome.ts";
import { reportOf } from "./report.ts";
import { apply, beginRun } from "./run-state.ts";
import { inFlight, takeStarts } from "./starts.ts";

const EXIT3: Outcome = { kind: "exit", exitCode: 3, message: "exit code 3" };
const [DAG, TASK] = ["d", "a"];
if (!isDagName(DAG) || !isTaskName(TASK)) throw new Error("names");

const spec = { retries: { limit: 5, delayMs: 10_000 }, timeout: { totalMs: 60_000 } };
const graph = graphOf({
  dag: DAG,
  version: "",
  params: {},
  defaults: {},
  tasks: [{ kind: "pod", name: TASK, after: [], spec }],
});

test("timeout.total - the next try carries when the first pod was made; no delay begins that would pass the limit", () => {
  const { state } = beginRun(graph, "seed");
  expect(takeStarts(graph, state)).toEqual([{ task: TASK, attempt: 1 }]);
  apply(graph, state, {
    kind: "ended",
    task: TASK,
    attempt: 1,
    outcome: EXIT3,
    total: { since: 1_000, elapsedMs: 20_000 },
  });
  apply(graph, state, { kind: "due", task: TASK });
  expect(takeStarts(graph, state)).toMatchObject([{ task: TASK, attempt: 2, since: 1_000 }]);
  // What a hop hands on is JSON.
  expect(inFlight(graph, JSON.parse(JSON.stringify(state))).starts).toMatchObject([
    { task: TASK, attempt: 2, since: 1_000 },
  ]);
  // A watcher that failed for good knows no time: the first pod's is kept.
  apply(graph, state, { kind: "ended", task: TASK, attempt: 2, outcome: EXIT3 });
  apply(graph, state, { kind: "due", task: TASK });
  expect(takeStarts(graph, state)).toMatchObject([{ task: TASK, attempt: 3, since: 1_000 }]);
  apply(graph, state, {
    kind: "ended",
    task: TASK,
    attempt: 3,
    outcome: EXIT3,
    total: { since: 1_000, elapsedMs: 50_000 },
  });
  expect(reportOf(graph, state, true).tasks["a"]).toEqual({
    state: "failed",
    attempts: 3,
    kind: "timeout",
    message: "no time for another try within timeout.total (1m); the last: exit code 3",
  });
});

test("timeout.total - a try that it ended is not followed by another", () => {
  const { state } = beginRun(graph, "seed");
  takeStarts(graph, state);
  const outcome: Outcome = { kind: "timeout", which: "total", message: "not done within timeout.total (1m)" };
  apply(graph, state, { kind: "ended", task: TASK, attempt: 1, outcome, total: { since: 0, elapsedMs: 61_000 } });
  expect(reportOf(graph, state, true).tasks["a"]).toMatchObject({ state: "failed", attempts: 1, kind: "timeout" });
});
