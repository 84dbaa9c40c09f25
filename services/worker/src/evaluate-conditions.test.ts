import type { JsonObject } from "@slipway/dag";
import { evaluate, type Evaluated } from "@slipway/dag/cel";
import type { BeginQuestion } from "@slipway/run";
import { expect, test } from "vitest";
import { evaluateActivity } from "./evaluate-conditions.ts";

/** What was asked of the evaluator, and over how much. */
function activity() {
  const asked: { readonly source: string; readonly bytes: number }[] = [];
  const answerTo = async ({ source, variables }: { source: string; variables: JsonObject }): Promise<Evaluated> => {
    asked.push({ source, bytes: JSON.stringify(variables).length });
    return evaluate("task", source, variables);
  };
  const run = evaluateActivity({
    evaluate: async (question) => await answerTo({ ...question, variables: { ...question.variables } }),
  });
  return { asked, ask: async (question: BeginQuestion) => (await run({ questions: [question] }))[0] };
}

test("forEach - the if first: without it no list is made", async () => {
  const { asked, ask } = activity();
  const forEach = { list: "${{ params.gone }}" };
  expect(await ask({ if: "1 == 2", forEach, variables: {} })).toEqual({ kind: "no" });
  expect(asked.map(({ source }) => source)).toEqual(["1 == 2"]);
});

test("forEach - the list, and a key for each item", async () => {
  const { ask } = activity();
  const forEach = { list: { region: ["eu", "us"], n: "${{ params.xs }}" }, key: "${{ item.region }}/${{ item.n }}" };
  expect(await ask({ forEach, variables: { params: { xs: [1, 2] } } })).toEqual({
    kind: "yes",
    items: {
      names: ["region", "n"],
      lists: [
        ["eu", "us"],
        [1, 2],
      ],
      keys: ["eu/1", "eu/2", "us/1", "us/2"],
    },
  });
});

test.each([
  [{ list: "${{ params.xs[7] }}" }, { of: "forEach" }],
  [
    { list: "${{ params.xs }}", key: "${{ item.id }}" },
    { of: "key", why: /^of the item 0: / },
  ],
  [
    { list: ["a", "b", "a"], key: "${{ item }}" },
    { of: "key", why: /^the items 0 and 2 are both called `a`$/ },
  ],
])("forEach - %j cannot be had", async (forEach, { of, why = /./ }: { of: string; why?: RegExp }) => {
  const answer = await activity().ask({ forEach, variables: { params: { xs: [1] } } });
  expect(answer).toMatchObject({ kind: "broken", of });
  expect(answer?.kind === "broken" ? answer.why : "").toMatch(why);
});

test("forEach - a key is evaluated over what it names, not over the whole list", async () => {
  const { asked, ask } = activity();
  const tasks = { plan: { outputs: { xs: Array.from({ length: 1_000 }, (_, at) => at) } } };
  await ask({ forEach: { list: "${{ tasks.plan.outputs.xs }}", key: "${{ item }}" }, variables: { tasks } });
  expect(Math.max(...asked.slice(1).map(({ bytes }) => bytes))).toBeLessThan(30);
});
