import { expect, test } from "vitest";
import { graphOf } from "./graph.ts";
import { isDagName, isTaskName } from "./ids.ts";
import { reportOf } from "./report.ts";
import { apply, beginRun } from "./run-state.ts";
import { takeStarts } from "./starts.ts";

const [DAG, TASK] = ["d", "a"];
if (!isDagName(DAG) || !isTaskName(TASK)) throw new Error("names");
const tasks = [{ kind: "pod" as const, name: TASK, after: [], spec: {} }];
const graph = graphOf({ dag: DAG, version: "", params: {}, defaults: {}, tasks });
const reason = "no worker polls the task queue x";

test("an attempt that no worker takes up: the task waits and says for what; it is news once, until a worker has it", () => {
  const { state } = beginRun(graph, "seed");
  takeStarts(graph, state);
  const change = { kind: "unwatched", task: TASK, attempt: 1 } as const;
  const report = () => reportOf(graph, state, true).tasks["a"];
  expect(apply(graph, state, { ...change, reason }).unwatched).toEqual([{ task: TASK, attempt: 1, reason }]);
  expect(report()).toEqual({ state: "waiting", attempts: 0, reason });
  expect(apply(graph, state, { ...change, reason }).unwatched).toEqual([]);
  expect(apply(graph, state, change).unwatched).toEqual([]);
  expect(report()).toEqual({ state: "running", attempts: 1 });
});

test("an answer that comes late changes nothing", () => {
  const { state } = beginRun(graph, "seed");
  takeStarts(graph, state);
  expect(apply(graph, state, { kind: "unwatched", task: TASK, attempt: 2, reason }).unwatched).toEqual([]);
  const outcome = { kind: "succeeded", message: "" } as const;
  apply(graph, state, { kind: "ended", task: TASK, attempt: 1, outcome });
  expect(apply(graph, state, { kind: "unwatched", task: TASK, attempt: 1, reason }).unwatched).toEqual([]);
  expect(reportOf(graph, state, true).tasks["a"]).toEqual({ state: "succeeded", attempts: 1 });
});
