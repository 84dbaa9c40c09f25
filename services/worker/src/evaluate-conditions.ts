import type { Answer } from "@slipway/dag";
import type { Evaluator } from "@slipway/expressions";
import type { ConditionQuestion, InstallationActivities } from "@slipway/run";

/** Milliseconds for one batch; the activity has a minute, and a question of its own at most 2 s. */
const TOGETHER_MS = 40_000;

/** Conditions of tasks: a failure or an overrun is an answer. Rejects only where the evaluator itself is not there. */
export function evaluateActivity(evaluator: Pick<Evaluator, "evaluate">): InstallationActivities["evaluate"] {
  return async ({ questions }) => {
    const answers: Answer[] = [];
    const until = performance.now() + TOGETHER_MS;
    for (const question of questions)
      answers.push(performance.now() > until ? OVERRUN : await answerOf(evaluator, question));
    return answers;
  };
}

const OVERRUN: Answer = {
  kind: "broken",
  why: `the conditions that were asked together took longer than ${TOGETHER_MS / 1000} s`,
};

async function answerOf(
  evaluator: Pick<Evaluator, "evaluate">,
  { source, variables }: ConditionQuestion,
): Promise<Answer> {
  const answer = await evaluator.evaluate({ place: "task", source, variables });
  if (answer.kind === "failed") return { kind: "broken", why: answer.why };
  if (typeof answer.value !== "boolean") return { kind: "broken", why: "its value is not true or false" };
  return { kind: answer.value ? "yes" : "no" };
}
