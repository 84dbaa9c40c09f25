import { expect, test } from "vitest";
import { graphOf } from "../graph.ts";
import { isTaskName } from "../ids.ts";
import { renderProblem } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { compileDag } from "./compile.ts";
import { told } from "./compiled-task.ts";
import { readDagJson } from "./dag-file.ts";

const run = { id: "r", logicalDate: "2026-01-01T00:00:00Z", pools: { gpu: 2, big_data: 7 } };
const answer = () => ({ kind: "failed", why: "nothing is asked" }) as const;

function compiled(task: JsonObject, defaults: JsonObject = {}, params: JsonObject = {}) {
  const read = readDagJson({ dag: "d", params, defaults, tasks: { a: { image: "x", ...task } } });
  return read.kind === "refused" ? read : compileDag(read.value, {}, undefined, { ...run, answer });
}

test("pool - one that nobody declared is refused when the run starts, with a suggestion; so is more than it has", () => {
  expect(told(compiled({ pool: "gpu" }))).toBe("ok");
  expect(told(compiled({ pool: "gpuu" }))).toContain("error[unknown-pool]: there is no pool `gpuu`");
  expect(told(compiled({ pool: "gpuu" }))).toContain("fix: did you mean `gpu`?");
  expect(told(compiled({}, { pool: "nobody" }))).toContain("error[unknown-pool]");
  expect(told(compiled({ pool: { slots: 3 } }, { pool: "gpu" }))).toContain(
    "an attempt takes 3 slots of the pool `gpu`, which has 2 slots",
  );
  expect(told(compiled({ pool: { slots: 3 } }))).toContain("the `pool` has no `name`");
  expect(told(compiled({ pool: null }, { pool: "nobody" })), "null takes it away").toBe("ok");
});

test("pool - where a file is only read nobody knows which pools there are", () => {
  const read = readDagJson({ dag: "d", tasks: { a: { image: "x", pool: "nobody" } } });
  expect(told(read.kind === "refused" ? read : compileDag(read.value, {}))).toBe("ok");
});

test("pool, mutex, priority - defaults < task; what the reducer needs of them", () => {
  const read = compiled(
    { mutex: "publish-${{ params.region }}", priority: "high" },
    { pool: { name: "gpu", slots: 2 }, priority: "lowest" },
    { region: "eu" },
  );
  const name = "a";
  if (read.kind === "refused" || !isTaskName(name)) throw new Error(told(read));
  expect(graphOf(read.value).get(name)).toMatchObject({
    needs: [
      { pool: { kind: "mutex", name: "publish-eu" }, slots: 1 },
      { pool: { kind: "pool", name: "gpu" }, slots: 2 },
    ],
    priority: 2,
  });
});

test("mutex - lint asks for `retries.disruptions`, wherever it is said", () => {
  const warned = (task: JsonObject, defaults: JsonObject = {}) => {
    const read = readDagJson({ dag: "d", defaults, tasks: { a: { image: "x", mutex: "m", ...task } } });
    return read.kind === "ok" ? read.warnings.map((each) => renderProblem(each, "warning")).join("\n") : told(read);
  };
  expect(warned({})).toContain("warning[mutex-disruptions]: the task has a `mutex`");
  expect(warned({ retries: 3 })).toContain("mutex-disruptions");
  expect(warned({ retries: { disruptions: 0 } })).toBe("");
  expect(warned({}, { retries: { disruptions: 1 } })).toBe("");
});

test.each([
  [{ pool: { name: "gpu", slots: 0 } }, "a whole number from 1"],
  [{ pool: ["gpu"] }, "the name of a pool"],
  [{ mutex: "" }, "a text of 1 to 200 characters"],
  [{ priority: "urgent" }, "highest, high, normal, low or lowest"],
  [{ noop: {}, image: null, mutex: "m" }, "noop"],
] satisfies [JsonObject, string][])("limits - %j is refused", (task, why) => {
  expect(told(compiled(task))).toContain(why);
});

test.each([0, 1001, "3", 1.5])("maxActiveRuns - %j is refused", (maxActiveRuns) => {
  expect(told(readDagJson({ dag: "d", maxActiveRuns, tasks: { a: { noop: {} } } }))).toContain(
    "a whole number from 1 to 1000",
  );
});
