import { attemptVariables, type RunContext, runVariables } from "./cel/run-variables.ts";
import type { Needs } from "./compiled.ts";
import type { Graph, GraphNode } from "./graph.ts";
import type { TaskName } from "./ids.ts";
import { spreadOutputs, spreadReport } from "./item-report.ts";
import { itemAt } from "./items.ts";
import { type Json, type JsonObject, utf8Length } from "./json.ts";
import type { Outcome } from "./outcome.ts";
import { unitReport } from "./unit-report.ts";
import { soFar } from "./so-far.ts";
import type { RunState } from "./task-state.ts";
import type { Unit } from "./units.ts";

/** Of what is asked before a task begins: it rides in the history once, and a list is made of any output. */
export const ASKED_BYTES = 800_000;

/** Bytes of JSON of what one task's expressions are evaluated over: it rides in the history, once for each attempt. */
const INPUT_BYTES = 65_536;

export const INPUT_TOO_LARGE: Outcome = {
  kind: "expression",
  message: `what its expressions name is larger than ${INPUT_BYTES / 1024} KB together`,
};

/** For whom it is; without `attempt` for none of its tries. */
interface Tried extends Unit {
  readonly attempt?: number;
  readonly previous?: Outcome;
}

/** What the expressions of a task may name now; `undefined` where it is more than an activity is given. */
export function expressionInput(
  graph: Graph,
  state: RunState,
  run: { readonly context: RunContext; readonly params: JsonObject },
  needs: Needs,
  tried?: Tried,
  most = INPUT_BYTES,
): JsonObject | undefined {
  const known = runVariables(run.context);
  const variables: JsonObject = {
    ...known,
    ...(needs.end === true && { run: { ...known.run, ...soFar(graph, state) } }),
    ...(needs.params && { params: { ...run.params, ...needs.params } }),
    tasks: Object.fromEntries(needs.tasks.map((name) => [name, taskValue(graph, state, needs, name)])),
    ...(needs.item === true && tried !== undefined && itemValue(state, tried)),
    ...(tried?.attempt !== undefined && attemptVariables(tried.attempt, tried.previous)),
  };
  return utf8Length(JSON.stringify(variables)) > most ? undefined : variables;
}

function itemValue(state: RunState, { task, index }: Unit): JsonObject {
  const items = state.items?.[task];
  return items === undefined || index === undefined ? {} : { item: itemAt(items, index), index };
}

/** Each output that the task declares: its value; its default where the task was skipped; null where there is neither. */
function taskValue(graph: Graph, state: RunState, needs: Needs, called: TaskName): Json {
  const task = needs.called?.[called] ?? called;
  const { state: settled, outputs } = unitReport(graph, state, { task });
  const node = graph.get(task);
  if (node?.each !== undefined) {
    const lists = spreadOutputs(state, node);
    const isNamed = needs.items?.includes(called) === true;
    return { state: settled, outputs: lists, ...(isNamed && { items: itemsOf(graph, state, node) }) };
  }
  const declared = Object.keys(node?.outputs ?? {});
  return { state: settled, outputs: { ...Object.fromEntries(declared.map((each) => [each, null])), ...outputs } };
}

function itemsOf(graph: Graph, state: RunState, node: GraphNode): Json {
  const { items = [] } = spreadReport(graph, state, node, "all");
  return items.map(({ index, key, state: settled }): JsonObject => ({ index, key, state: settled }));
}
