import { type Graph, leaves, type Section } from "./graph.ts";
import type { TaskName } from "./ids.ts";
import { type RunState, settledState } from "./task-state.ts";

export type Verdict = "succeeded" | "failed" | "cancelled";

/** Only for a settled state. */
export function verdict(graph: Graph, state: RunState): Verdict {
  return verdictBy(sectionVerdict, graph, state);
}

/** The same without `finally`, as soon as all `tasks` have ended. */
export function verdictOfTasks(graph: Graph, state: RunState): Verdict {
  return verdictBy(tasksVerdict, graph, state);
}

function verdictBy(judge: typeof sectionVerdict, graph: Graph, state: RunState): Verdict {
  if (state.cancelled !== undefined) return "cancelled";
  const dag = graph.sections.get("");
  return dag === undefined ? "succeeded" : judge(graph, state, dag);
}

/**
 * Failed if it was broken off, or a leaf failed; a skipped leaf hands the question to its upstreams, so a run is not green
 * because what would have told was skipped. `finally` tasks are no leaves: they cannot turn red to green, but a failed one
 * turns green to red.
 */
export function sectionVerdict(graph: Graph, state: RunState, section: Section): "succeeded" | "failed" {
  if (section.finally.some(({ name }) => state.tasks[name]?.kind === "failed")) return "failed";
  return tasksVerdict(graph, state, section);
}

function tasksVerdict(graph: Graph, state: RunState, section: Section): "succeeded" | "failed" {
  if (state.sections[section.group ?? ""]?.halt !== undefined) return "failed";
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
