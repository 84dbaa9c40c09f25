import { brief, type Failure, failuresOf } from "./failures.ts";
import type { Graph } from "./graph.ts";
import { itemState } from "./items.ts";
import { type JsonObject, utf8Length } from "./json.ts";
import type { RunState } from "./task-state.ts";
import type { Unit } from "./units.ts";
import { verdictOfTasks } from "./verdict.ts";

/** Bytes of JSON of `run.failures`: it becomes an argument of a container, or the environment's text. */
const FAILURES_BYTES = 16_384;

/**
 * `run.state` and `run.failures`, for what stands under the DAG's `finally`: all `tasks` have ended by then, so nothing races.
 * The failures are those of `tasks`, the first cause first, as many as there is room for.
 */
export function soFar(graph: Graph, state: RunState): JsonObject {
  const failures: JsonObject[] = [];
  let room = FAILURES_BYTES;
  for (const value of causes(graph, state)) {
    room -= utf8Length(JSON.stringify(value)) + 1;
    if (room < 0) break;
    failures.push(value);
  }
  return { state: verdictOfTasks(graph, state), failures };
}

/** Of a task with `forEach` its items, by position; one that was ended for another's sake is an effect. */
function* causes(graph: Graph, state: RunState): Generator<JsonObject> {
  for (const { task, outcome, place } of failuresOf(graph, state)) {
    if (place === "finally") continue;
    const items = state.items?.[task];
    if (items === undefined || items.failed === 0) yield valueOf({ task, outcome });
    else
      for (const index of items.states.keys()) {
        const item = itemState(items, index);
        if (item?.kind === "failed" && item.outcome.kind !== "cancelled")
          yield valueOf({ task, index, outcome: item.outcome });
      }
  }
}

function valueOf({ task, index, outcome }: Unit & Pick<Failure, "outcome">): JsonObject {
  const exitCode = "exitCode" in outcome ? outcome.exitCode : undefined;
  return {
    task,
    index: index ?? null,
    kind: outcome.kind,
    message: brief(outcome.message),
    exitCode: exitCode ?? null,
  };
}
