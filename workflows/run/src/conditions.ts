import {
  type Answer,
  ASKED_BYTES,
  type Change,
  type CompiledDag,
  type CompiledTask,
  type expressionInput,
  type JsonObject,
  type Needs,
  passOf,
  type RunState,
  type TaskName,
  utf8Length,
} from "@slipway/dag";
import { conditionActivities } from "./activities.ts";
import { batches } from "./batches.ts";
import type { BeginQuestion, PreparedRun } from "./ports.ts";

/** What a task asks; without variables, what it names is more than an activity is given. */
interface Asked extends Omit<BeginQuestion, "variables"> {
  readonly task: TaskName;
  readonly variables: JsonObject | undefined;
}

/** What every expression of a run sees; `dag`: the one that whoever names it is of. */
export function whatRuns(
  { run, logicalDate, pages }: Pick<PreparedRun, "run" | "logicalDate" | "pages">,
  { dag, version, params }: CompiledDag,
): Parameters<typeof expressionInput>[2] {
  return { context: { id: run, dag, version, logicalDate, ...pages }, params };
}

/** A task as it is made now. */
export type TaskOf = (name: TaskName) => CompiledTask | undefined;

interface Asking {
  readonly taskOf: TaskOf;
  readonly state: RunState;
  readonly inputFor: (needs: Needs) => JsonObject | undefined;
}

/** Asks one activity after another, each as much as it may be given; every task is answered, for the pass in which it was asked. */
export async function askTasks(
  names: readonly TaskName[],
  of: Asking,
  tell: (answered: Extract<Change, { kind: "answered" }>) => void,
): Promise<void> {
  const passes = new Map(names.map((task) => [task, passOf(of.state, { task })]));
  for (const batch of batches(askedOf(names, of), bytesOf)) {
    const tasks = batch.map(({ task }) => task).join(", ");
    const word = batch.some(({ forEach }) => forEach !== undefined) ? "forEach" : "if";
    const { evaluate } = conditionActivities(`${word}: ${tasks.length > 120 ? `${tasks.slice(0, 120)}…` : tasks}`);
    const questions = batch.flatMap(questionOf);
    const answers = questions.length === 0 ? [] : [...(await evaluate({ questions }))];
    for (const one of batch) {
      const answer = (one.variables === undefined ? undefined : answers.shift()) ?? tooLarge(one);
      tell({ kind: "answered", task: one.task, pass: passes.get(one.task) ?? 1, answer });
    }
  }
}

/** What each of these tasks asks now; a list that is made is not asked for again. */
function askedOf(names: readonly TaskName[], { taskOf, state: { items = {} }, inputFor }: Asking): Asked[] {
  return names.flatMap((task) => {
    const { if: condition, forEach } = taskOf(task) ?? {};
    const list = items[task] === undefined ? forEach : undefined;
    const needs = list?.needs ?? condition?.needs;
    if (needs === undefined) return [];
    return [
      {
        task,
        ...(condition !== undefined && { if: condition.source }),
        ...(list !== undefined && { forEach: { list: list.list, ...(list.key !== undefined && { key: list.key }) } }),
        variables: inputFor(needs),
      },
    ];
  });
}

function tooLarge({ if: condition }: Asked): Answer {
  const why = `what its expressions name is larger than ${Math.round(ASKED_BYTES / 1024)} KB together`;
  return { kind: "broken", ...(condition === undefined && { of: "forEach" }), why };
}

function questionOf({ task: _task, variables, ...question }: Asked): BeginQuestion[] {
  return variables === undefined ? [] : [{ ...question, variables }];
}

/** A list and its keys that come back are at most so many bytes. */
const LIST_BYTES = 400_000;

/** By what goes in and by what comes back. */
function bytesOf(asked: Asked): number {
  const given = utf8Length(JSON.stringify(questionOf(asked)));
  return asked.forEach === undefined ? given : Math.max(given, LIST_BYTES);
}
