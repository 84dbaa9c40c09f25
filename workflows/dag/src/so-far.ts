import { brief, type Failure, failuresOf } from "./failures.ts";
import type { Graph } from "./graph.ts";
import { type JsonObject, utf8Length } from "./json.ts";
import type { RunState } from "./task-state.ts";
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
  for (const failure of failuresOf(graph, state).filter(({ place }) => place !== "finally")) {
    const value = valueOf(failure);
    room -= utf8Length(JSON.stringify(value)) + 1;
    if (room < 0) break;
    failures.push(value);
  }
  return { state: verdictOfTasks(graph, state), failures };
}

function valueOf({ task, outcome }: Failure): JsonObject {
  const exitCode = "exitCode" in outcome ? outcome.exitCode : undefined;
  return { task, index: null, kind: outcome.kind, message: brief(outcome.message), exitCode: exitCode ?? null };
}
