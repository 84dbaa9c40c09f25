import { budgetOf, type Outcome, type Retries } from "@slipway/dag";
import { outcomeVariables } from "@slipway/dag/cel";
import type { Evaluator } from "@slipway/expressions";
import type { AttemptResult } from "@slipway/run";

/**
 * What `retries.if` says of an attempt's end. It is asked only for what `retries.limit` counts: what was done to the pod
 * by others is the business of `disruptions`. Rejects only where the evaluator itself is not there.
 */
export async function retryWord(
  evaluator: Pick<Evaluator, "evaluate">,
  retries: Retries,
  outcome: Outcome,
): Promise<Pick<AttemptResult, "retry">> {
  if (retries.if === undefined || outcome.kind === "succeeded" || budgetOf(outcome) !== "limit") return {};
  const question = { place: "retries.if", source: retries.if, variables: outcomeVariables(outcome) } as const;
  const answer = await evaluator.evaluate(question);
  if (answer.kind === "failed") return { retry: { kind: "broken", why: answer.why } };
  if (typeof answer.value !== "boolean") return { retry: { kind: "broken", why: "its value is not true or false" } };
  return answer.value ? {} : { retry: { kind: "no" } };
}
