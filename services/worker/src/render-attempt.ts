import type { Evaluated } from "@slipway/dag/cel";
import { type Rendered, renderSpec, sourcesOf } from "@slipway/dag/read";
import type { Evaluator } from "@slipway/expressions";
import type { RunPodInput } from "@slipway/run";

/** Milliseconds that the expressions of one attempt take together. */
const TOGETHER_MS = 10_000;

/** The spec with its last expressions replaced: it and the variables are the same whoever asks, so it is too. */
export async function renderAttempt(
  evaluator: Pick<Evaluator, "evaluate">,
  { spec, variables }: Pick<RunPodInput, "spec" | "variables">,
): Promise<Rendered> {
  if (variables === undefined) return { kind: "ok", spec };
  const answers = new Map<string, Evaluated>();
  const until = performance.now() + TOGETHER_MS;
  for (const source of sourcesOf(spec)) {
    const late = performance.now() > until;
    const why = `the expressions of the task together took longer than ${TOGETHER_MS / 1000} s`;
    answers.set(
      source,
      late ? { kind: "failed", why } : await evaluator.evaluate({ place: "task", source, variables }),
    );
  }
  return renderSpec(spec, answers);
}
