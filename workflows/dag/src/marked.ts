import { asked, type Mark, type Who } from "./control.ts";
import type { Graph } from "./graph.ts";
import { attemptsMade } from "./passes.ts";
import { hold } from "./run-outputs.ts";
import type { RunState, TaskState } from "./task-state.ts";
import { type Unit, unitState } from "./units.ts";

export type Marking = Who & Unit & { readonly state: Mark };

/** What a person's word makes of a unit. One that succeeded has its outputs' defaults, and what it gave where it had failed. */
export function marked(graph: Graph, state: RunState, { state: to, by, note, ...unit }: Marking): TaskState {
  const attempts = attemptsMade(state, unit);
  const reason = asked(`marked ${to}`, { ...(by !== undefined && { by }), ...(note !== undefined && { note }) });
  if (to === "skipped") return { kind: "skipped", reason, byHand: true, ...(attempts > 0 && { attempts }) };
  if (to === "failed") return { kind: "failed", attempts, outcome: { kind: "rejected", message: reason } };
  const node = graph.get(unit.task);
  if (node?.each !== undefined && unit.index === undefined) return { kind: "succeeded", attempts, reason };
  const now = unitState(state, unit);
  const outputs = { ...node?.outputs, ...(now?.kind === "failed" ? now.outputs : undefined) };
  return { kind: "succeeded", attempts, reason, ...(Object.keys(outputs).length > 0 && { outputs }) };
}

/** Its outputs are counted; where there is no room for them it has none. */
export function held(state: RunState, by: TaskState): TaskState {
  if (by.kind !== "succeeded" || by.outputs === undefined || hold(state, by.outputs)) return by;
  const { outputs: _outputs, ...bare } = by;
  return bare;
}
