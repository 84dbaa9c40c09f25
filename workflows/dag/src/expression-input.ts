import { attemptVariables, type RunContext, runVariables } from "./cel/run-variables.ts";
import type { Needs } from "./compiled.ts";
import type { Graph } from "./graph.ts";
import type { TaskName } from "./ids.ts";
import { type Json, type JsonObject, utf8Length } from "./json.ts";
import type { Outcome } from "./outcome.ts";
import { taskReport } from "./report.ts";
import { soFar } from "./so-far.ts";
import type { RunState } from "./task-state.ts";

/** Bytes of JSON of what one task's expressions are evaluated over: it rides in the history, once for each attempt. */
const INPUT_BYTES = 65_536;

export const INPUT_TOO_LARGE: Outcome = {
  kind: "expression",
  message: `what its expressions name is larger than ${INPUT_BYTES / 1024} KB together`,
};

/** What the expressions of a task may name now; `undefined` where it is more than an activity is given. */
export function expressionInput(
  graph: Graph,
  state: RunState,
  run: { readonly context: RunContext; readonly params: JsonObject },
  needs: Needs,
  trying?: { readonly attempt: number; readonly previous?: Outcome },
): JsonObject | undefined {
  const known = runVariables(run.context);
  const variables: JsonObject = {
    ...known,
    ...(needs.end === true && { run: { ...known.run, ...soFar(graph, state) } }),
    ...(needs.params && { params: { ...run.params, ...needs.params } }),
    tasks: Object.fromEntries(needs.tasks.map((name) => [name, taskValue(graph, state, needs.called?.[name] ?? name)])),
    ...(trying !== undefined && attemptVariables(trying.attempt, trying.previous)),
  };
  return utf8Length(JSON.stringify(variables)) > INPUT_BYTES ? undefined : variables;
}

/** Each output that the task declares: its value; its default where the task was skipped; null where there is neither. */
function taskValue(graph: Graph, state: RunState, name: TaskName): Json {
  const { state: settled, outputs } = taskReport(graph, state, name);
  const declared = Object.keys(graph.get(name)?.outputs ?? {});
  return { state: settled, outputs: { ...Object.fromEntries(declared.map((each) => [each, null])), ...outputs } };
}
