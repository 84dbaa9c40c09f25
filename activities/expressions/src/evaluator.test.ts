import { afterEach, expect, test } from "vitest";
import { Evaluator, type Question } from "./evaluator.ts";

const made: Evaluator[] = [];
afterEach(async () => {
  await Promise.all(made.splice(0).map(async (evaluator) => await evaluator.close()));
});

function anEvaluator(budgetMs?: number): Evaluator {
  const evaluator = new Evaluator(budgetMs === undefined ? {} : { budgetMs });
  made.push(evaluator);
  return evaluator;
}

const ask = (source: string, more = {}): Question => ({
  place: "retries.if",
  source,
  variables: { outcome: { kind: "exit", exitCode: 3, signal: "", message: "exit code 3", ...more } },
});

test("an expression is evaluated over its variables; whole numbers are ints, and come back as numbers", async () => {
  const evaluator = anEvaluator();
  expect(await evaluator.evaluate(ask("outcome.exitCode % 2 == 1"))).toEqual({ kind: "value", value: true });
  expect(await evaluator.evaluate(ask("outcome.exitCode + 1"))).toEqual({ kind: "value", value: 4 });
  expect(await evaluator.evaluate(ask('[outcome.kind, {"n": 1}]'))).toEqual({
    kind: "value",
    value: ["exit", { n: 1 }],
  });
});

test("one that fails says why in one line", async () => {
  const evaluator = anEvaluator();
  expect(await evaluator.evaluate(ask("1 / (outcome.exitCode - 3) == 1"))).toEqual({
    kind: "failed",
    why: "division by zero",
  });
  expect(await evaluator.evaluate(ask("outcome."))).toMatchObject({ kind: "failed" });
});

test("one that does not end is stopped at its budget; those behind it are answered by a new thread", async () => {
  const evaluator = anEvaluator(500);
  const endless = evaluator.evaluate(ask("outcome.message.matches('^(a+)+$')", { message: `${"a".repeat(40)}!` }));
  const behind = evaluator.evaluate(ask("true"));
  expect(await endless).toEqual({ kind: "failed", why: "it took longer than 0.5 s" });
  expect(await behind).toEqual({ kind: "value", value: true });
});

test("one that eats memory ends its own thread and nothing else", async () => {
  const evaluator = anEvaluator(20_000);
  const doubled = Array.from({ length: 26 }).reduce<string>((inner) => `[${inner}].map(a, a + a)[0]`, "[1]");
  expect(await evaluator.evaluate(ask(`${doubled}.map(a, [a]).size() > 0`))).toEqual({
    kind: "failed",
    why: "it needs too much memory",
  });
  expect(await evaluator.evaluate(ask("true"))).toEqual({ kind: "value", value: true });
});

test("closed while a question is open: it has no answer, and nothing is left behind", async () => {
  const evaluator = anEvaluator(20_000);
  await evaluator.evaluate(ask("true"));
  const open = evaluator.evaluate(ask("outcome.message.matches('^(a+)+$')", { message: `${"a".repeat(40)}!` }));
  const answered = expect(open).rejects.toThrow("closed");
  await evaluator.close();
  await answered;
  await expect(evaluator.evaluate(ask("true"))).rejects.toThrow("closed");
});
