import { type Graph, leaves, type Section } from "./graph.ts";
import type { TaskName } from "./ids.ts";
import { type RunState, settledState } from "./task-state.ts";

/** Only for a settled state. */
export function verdict(graph: Graph, state: RunState): "succeeded" | "failed" | "cancelled" {
  if (state.cancelled !== undefined) return "cancelled";
  const dag = graph.sections.get("");
  return dag === undefined ? "succeeded" : sectionVerdict(graph, state, dag);
}

/**
 * Failed if it was broken off, or a leaf failed; a skipped leaf hands the question to its upstreams, so a run is not green
 * because what would have told was skipped. `finally` tasks are no leaves: they cannot turn red to green, but a failed one
 * turns green to red.
 */
export function sectionVerdict(graph: Graph, state: RunState, section: Section): "succeeded" | "failed" {
  if (state.sections[section.group ?? ""]?.halt !== undefined) return "failed";
  if (section.finally.some(({ name }) => state.tasks[name]?.kind === "failed")) return "failed";
  const seen = new Set<TaskName>();
  const open = leaves(graph, section);
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node.name)) continue;
    seen.add(node.name);
    const settled = settledState(state.tasks[node.name]);
    if (settled === "failed" || settled === "upstream_failed") return "failed";
    if (settled === "skipped") open.push(...node.after.flatMap((name) => graph.get(name) ?? []));
  }
  return "succeeded";
}
