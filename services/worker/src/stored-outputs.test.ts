import { type AttemptRef, isDagName, isRunId, isTaskName, type JsonObject, storedAs } from "@slipway/dag";
import { expect, test } from "vitest";
import { readingStored, storeOutputs } from "./stored-outputs.ts";

const KB = 1024;

function aRef(): AttemptRef {
  const [dag, run, task] = ["etl", "r1", "load"];
  if (!isDagName(dag) || !isRunId(run) || !isTaskName(task)) throw new Error("names");
  return {
    installation: "slipway",
    chain: { workflowId: "w", firstExecutionRunId: "0190" },
    dag,
    run,
    task,
    attempt: 1,
  };
}

/** A store in memory that says what it was asked. */
function aStore(kept: Record<string, string> = {}) {
  const asked: string[] = [];
  return {
    kept,
    asked,
    put: async (name: string, json: string) => void (kept[name] = json),
    get: async (name: string) => {
      asked.push(name);
      return kept[name];
    },
  };
}

test("stored outputs - what has no room is put under the attempt's name, and a reference stands in its place", async () => {
  const store = aStore();
  const rows = "x".repeat(100 * KB);
  const outputs = await storeOutputs(store, aRef(), { rows, n: 3 }, 50 * KB);
  expect(outputs).toEqual({ rows: storedAs("0190/load/-/1/rows", 100 * KB + 2), n: 3 });
  expect(store.kept).toEqual({ "0190/load/-/1/rows": JSON.stringify(rows) });
});

test("stored outputs - a store that is away: the attempt waits for it, so the error goes on", async () => {
  const put = async () => await Promise.reject(new Error("away"));
  await expect(storeOutputs({ put }, aRef(), { rows: "x".repeat(KB) }, 0)).rejects.toThrow("away");
});

/** What an expression is evaluated over, and which outputs were fetched for it. */
async function evaluated(source: string, tasks: JsonObject, kept: Record<string, string>) {
  const store = aStore(kept);
  let seen: JsonObject | undefined;
  const evaluator = {
    evaluate: async ({ variables }: { readonly variables: JsonObject }) => {
      seen = variables;
      return { kind: "value", value: true } as const;
    },
  };
  const answer = await readingStored(evaluator, store).evaluate({
    place: "task",
    source,
    variables: { tasks, ds: "d" },
  });
  return { answer, tasks: seen?.["tasks"], asked: store.asked };
}

const tasks = {
  a: { state: "succeeded", outputs: { rows: storedAs("a/rows", 5), more: storedAs("a/more", 5), n: 1 } },
  each: { state: "succeeded", outputs: { rows: [storedAs("e/0", 1), 2, storedAs("e/2", 1)] } },
};
const kept = { "a/rows": '"abc"', "a/more": '"def"', "e/0": "10", "e/2": "30" };

test("stored outputs - an expression is given the values that it names, and nothing else is fetched", async () => {
  const one = await evaluated("size(tasks.a.outputs.rows) > 2", tasks, kept);
  expect(one.asked).toEqual(["a/rows"]);
  expect(one.tasks).toEqual({ ...tasks, a: { ...tasks.a, outputs: { ...tasks.a.outputs, rows: "abc" } } });
  expect(await evaluated("tasks.a.outputs.n > 0 && tasks.each.state == 'failed'", tasks, kept)).toMatchObject({
    asked: [],
    tasks,
  });
  expect(await evaluated("ds", {}, {})).toMatchObject({ asked: [], tasks: {} });
});

test("stored outputs - those of items, and all of a task that is named as a whole", async () => {
  const { tasks: given, asked } = await evaluated("sum(tasks.each.outputs.rows) + size(tasks.a.outputs)", tasks, kept);
  expect(asked.toSorted()).toEqual(["a/more", "a/rows", "e/0", "e/2"]);
  expect(given).toMatchObject({ each: { outputs: { rows: [10, 2, 30] } }, a: { outputs: { more: "def", n: 1 } } });
});

test("stored outputs - one that is there no more, or more than may be fetched, is a failure with a sentence of its own", async () => {
  const source = "tasks.a.outputs.rows";
  expect((await evaluated(source, tasks, {})).answer).toEqual({
    kind: "failed",
    why: "the output a/rows is not in the object store any more",
  });
  const huge = { a: { outputs: { rows: storedAs("a/rows", 1025 * KB) } } };
  const { answer, asked } = await evaluated(source, huge, kept);
  expect(answer).toEqual({ kind: "failed", why: "the outputs that it names are larger than 1024 KB together" });
  expect(asked).toEqual([]);
});
