import {
  type Answer,
  type CompiledTask,
  type expressionInput,
  INPUT_TOO_LARGE,
  type JsonObject,
  type Needs,
  type TaskName,
  utf8Length,
} from "@slipway/dag";
import { conditionActivities } from "./activities.ts";
import type { ConditionQuestion, PreparedRun } from "./ports.ts";

/** Bytes of JSON of one activity's input (Temporal: 2 MB). */
const BATCH_BYTES = 1_000_000;

/** What a task asks; without variables, what it names is more than an activity is given. */
export interface Asked {
  readonly task: TaskName;
  readonly source: string;
  readonly variables: JsonObject | undefined;
}

/** What every expression of a run sees. */
export function whatRuns({ compiled, run, logicalDate, pages }: PreparedRun): Parameters<typeof expressionInput>[2] {
  const { dag, version, params } = compiled;
  return { context: { id: run, dag, version, logicalDate, ...pages }, params };
}

/** What each of these tasks asks now. */
export function askedOf(
  names: readonly TaskName[],
  tasks: ReadonlyMap<TaskName, CompiledTask>,
  inputFor: (needs: Needs) => JsonObject | undefined,
): Asked[] {
  return names.flatMap((task) => {
    const condition = tasks.get(task)?.if;
    return condition === undefined ? [] : [{ task, source: condition.source, variables: inputFor(condition.needs) }];
  });
}

/** Asks one activity after another, each as much as it may be given; every task is answered. */
export async function askConditions(
  asked: readonly Asked[],
  tell: (task: TaskName, answer: Answer) => void,
): Promise<void> {
  for (const batch of batches(asked)) {
    const tasks = batch.map(({ task }) => task).join(", ");
    const { evaluate } = conditionActivities(`if: ${tasks.length > 120 ? `${tasks.slice(0, 120)}…` : tasks}`);
    const questions = batch.flatMap(questionOf);
    const answers = questions.length === 0 ? [] : [...(await evaluate({ questions }))];
    for (const { task, variables } of batch)
      tell(task, (variables === undefined ? undefined : answers.shift()) ?? TOO_LARGE);
  }
}

const TOO_LARGE: Answer = { kind: "broken", why: INPUT_TOO_LARGE.message };

function questionOf({ source, variables }: Asked): ConditionQuestion[] {
  return variables === undefined ? [] : [{ source, variables }];
}

function batches(asked: readonly Asked[]): Asked[][] {
  const all: Asked[][] = [];
  let room = 0;
  for (const one of asked) {
    const bytes = utf8Length(JSON.stringify(questionOf(one)));
    const last = all.at(-1);
    if (last !== undefined && bytes <= room) last.push(one);
    else {
      all.push([one]);
      room = BATCH_BYTES;
    }
    room -= bytes;
  }
  return all;
}
