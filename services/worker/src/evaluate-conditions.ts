import type { Answer } from "@slipway/dag";
import type { BeginQuestion, InstallationActivities } from "@slipway/run";
import type { Evaluator } from "@slipway/expressions";
import { type Ask, makeItems } from "./make-items.ts";

/** Milliseconds for one batch; the activity has a minute, and a question of its own at most 2 s. */
const TOGETHER_MS = 40_000;

const OVERRUN = `what was asked together took longer than ${TOGETHER_MS / 1000} s`;

/** What is asked before tasks begin: a failure or an overrun is an answer. Rejects only where the evaluator itself is not there. */
export function evaluateActivity(evaluator: Pick<Evaluator, "evaluate">): InstallationActivities["evaluate"] {
  return async ({ questions }) => {
    const answers: Answer[] = [];
    const until = performance.now() + TOGETHER_MS;
    const ask: Ask = async (source, variables) =>
      performance.now() > until
        ? { kind: "failed", why: OVERRUN }
        : await evaluator.evaluate({ place: "task", source, variables });
    for (const question of questions) answers.push(await answerOf(ask, question));
    return answers;
  };
}

/** The `if` first: nothing is made of a list that is not wanted. */
async function answerOf(ask: Ask, { if: condition, forEach, variables }: BeginQuestion): Promise<Answer> {
  if (condition !== undefined) {
    const answer = await ask(condition, variables);
    if (answer.kind === "failed") return { kind: "broken", why: answer.why };
    if (typeof answer.value !== "boolean") return { kind: "broken", why: "its value is not true or false" };
    if (!answer.value) return { kind: "no" };
  }
  return forEach === undefined ? { kind: "yes" } : await makeItems(ask, forEach, variables);
}
