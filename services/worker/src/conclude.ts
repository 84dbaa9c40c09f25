import { type Given, STORED_KEY, storedIn, utf8Length } from "@slipway/dag";
import type { Evaluated } from "@slipway/dag/cel";
import { concludeOutputs, sourcesOfOutputs } from "@slipway/dag/read";
import type { Evaluator } from "@slipway/expressions";
import type { ConcludeInput, GiveInput, InstallationActivities } from "@slipway/run";
import type { Streams } from "@slipway/streams";
import { storeOutputs } from "./stored-outputs.ts";

/** Milliseconds that the expressions of outputs that are evaluated together take. */
const TOGETHER_MS = 20_000;

/** Bytes of JSON that one `giveOutputs` evaluates; what comes behind is asked for again. */
const ANSWER_BYTES = 1_000_000;

/** The outputs of a run: a failure or an overrun is an answer. Rejects only where the evaluator itself is not there. */
export function concludeActivity(evaluator: Pick<Evaluator, "evaluate">): InstallationActivities["conclude"] {
  return async (input) => await giveNow(evaluator, input);
}

export async function giveNow(evaluator: Pick<Evaluator, "evaluate">, input: ConcludeInput): Promise<Given> {
  return await concluded(evaluator, input, performance.now() + TOGETHER_MS);
}

type Store = Pick<Streams["outputs"], "put">;

/** The same of tasks without a pod, one after another; what has no room in the run's state stands in the store. */
export function giveOutputsActivity(
  evaluator: Pick<Evaluator, "evaluate">,
  store: Store,
): InstallationActivities["giveOutputs"] {
  return async ({ questions }) => {
    const until = performance.now() + TOGETHER_MS;
    const answers: Given[] = [];
    let bytes = 0;
    for (const question of questions) {
      const given = await concluded(evaluator, question, until);
      bytes += utf8Length(JSON.stringify(given));
      if (answers.length > 0 && bytes > ANSWER_BYTES) break;
      answers.push(await placed(store, question, given));
    }
    return answers;
  };
}

async function placed(store: Store, { ref, room }: GiveInput, given: Given): Promise<Given> {
  // A run that was started before asks without a room.
  if (ref === undefined || room === undefined) return withoutReferences(given);
  return given.kind === "values"
    ? { kind: "values", values: await storeOutputs(store, ref, given.values, room) }
    : given;
}

/** Every reference in a run's state is one of ours: nobody is given an object whose name he only writes down. */
function withoutReferences(given: Given): Given {
  if (given.kind !== "values" || storedIn(given.values).length === 0) return given;
  return { kind: "broken", why: `a value has the field ${STORED_KEY}, by which large outputs are found again` };
}

/** @param until when no further expression is evaluated (performance.now()) */
async function concluded(
  evaluator: Pick<Evaluator, "evaluate">,
  { declared, variables }: ConcludeInput,
  until: number,
): Promise<Given> {
  const answers = new Map<string, Evaluated>();
  for (const source of sourcesOfOutputs({ declared })) {
    const why = `the outputs together took longer than ${TOGETHER_MS / 1000} s`;
    const late = performance.now() > until;
    const answer = late
      ? ({ kind: "failed", why } as const)
      : await evaluator.evaluate({ place: "task", source, variables });
    answers.set(source, answer);
  }
  return concludeOutputs({ declared }, answers);
}
