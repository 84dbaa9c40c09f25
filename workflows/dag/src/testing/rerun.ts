import type { Graph } from "../graph.ts";
import { packRun } from "../packed-run.ts";
import { beginAgain, goOn, type RerunControl } from "../rerun.ts";
import type { Effects, RunState } from "../task-state.ts";

/** The beginning of a run that goes on from a closed one, as it comes through both histories. */
export function rerunOf(
  graph: Graph,
  before: RunState,
  control: RerunControl = { kind: "retry" },
): { state: RunState; effects: Effects } {
  const end = goOn(graph, before, "dag/d/1", control);
  if ("code" in end) throw new Error(`${end.code}: ${end.what}`);
  return beginAgain(graph, "other", {
    of: "dag/d/1",
    next: JSON.parse(JSON.stringify(packRun(graph, end.state, true))),
  });
}
