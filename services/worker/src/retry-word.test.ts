import type { Outcome } from "@slipway/dag";
import { Evaluator } from "@slipway/expressions";
import { afterAll, expect, test } from "vitest";
import { retryWord } from "./retry-word.ts";

const evaluator = new Evaluator();
afterAll(async () => {
  await evaluator.close();
});

const retries = { limit: 3, delayMs: 0, factor: 1, maxDelayMs: 0, disruptions: 3 };
const EXIT3: Outcome = { kind: "exit", exitCode: 3, message: "exit code 3" };
const TIMEOUT: Outcome = { kind: "timeout", which: "attempt", message: "still running" };
const word = async (condition: string, outcome: Outcome) =>
  await retryWord(evaluator, { ...retries, if: condition }, outcome);

test("retries.if: true says nothing, false says no, over every outcome that the limit counts", async () => {
  expect(await word("outcome.exitCode == 3", EXIT3)).toEqual({});
  expect(await word('outcome.kind == "timeout"', EXIT3)).toEqual({ retry: { kind: "no" } });
  expect(await word("outcome.exitCode > 2", TIMEOUT)).toEqual({ retry: { kind: "no" } });
  expect(await word('outcome.exitCode == -1 && outcome.signal == ""', TIMEOUT)).toEqual({});
  expect(await word("outcome.exitCode == 0", { kind: "output", message: "output rows: it is missing" })).toEqual({});
});

test("retries.if: it is not asked of a good end, nor of what was done to the pod by others", async () => {
  for (const outcome of [
    { kind: "succeeded", message: "" },
    { kind: "lost", message: "" },
    { kind: "cancelled", message: "" },
  ] as const)
    expect(await word("false", outcome)).toEqual({});
  expect(await retryWord(evaluator, retries, EXIT3)).toEqual({});
});

test("retries.if: one that has no value says why", async () => {
  expect(await word("1 / (outcome.exitCode - 3) == 1", EXIT3)).toEqual({
    retry: { kind: "broken", why: "division by zero" },
  });
  expect(await word("[outcome.kind][outcome.exitCode]", EXIT3)).toMatchObject({ retry: { kind: "broken" } });
});
