import type { Evaluated } from "@slipway/dag/cel";
import { concludeOutputs, sourcesOfOutputs } from "@slipway/dag/read";
import type { Evaluator } from "@slipway/expressions";
import type { InstallationActivities } from "@slipway/run";

/** Milliseconds that the expressions of a run's outputs take together. */
const TOGETHER_MS = 20_000;

/** The outputs of a run: a failure or an overrun is an answer. Rejects only where the evaluator itself is not there. */
export function concludeActivity(evaluator: Pick<Evaluator, "evaluate">): InstallationActivities["conclude"] {
  return async ({ declared, variables }) => {
    const answers = new Map<string, Evaluated>();
    const until = performance.now() + TOGETHER_MS;
    for (const source of sourcesOfOutputs({ declared })) {
      const why = `the outputs of the run together took longer than ${TOGETHER_MS / 1000} s`;
      const late = performance.now() > until;
      const answer = late
        ? ({ kind: "failed", why } as const)
        : await evaluator.evaluate({ place: "task", source, variables });
      answers.set(source, answer);
    }
    return concludeOutputs({ declared }, answers);
  };
}
