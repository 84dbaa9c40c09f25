import type { CompiledDag } from "./compiled.ts";
import type { TaskName } from "./ids.ts";
import { policyOf } from "./merge.ts";
import type { Retries } from "./task-spec.ts";

/** What the reducer needs to know of one task. */
export interface GraphNode {
  readonly name: TaskName;
  readonly kind: "noop" | "pod";
  readonly after: readonly TaskName[];
  readonly before: readonly TaskName[];
  readonly retries: Retries;
}

/** The DAG as the reducer sees it: acyclic and complete (compileDag has checked), in the order tasks were written. */
export type Graph = ReadonlyMap<TaskName, GraphNode>;

const NEVER: Retries = { limit: 0, delayMs: 0 };

export function graphOf(compiled: CompiledDag): Graph {
  const before = new Map<TaskName, TaskName[]>(compiled.tasks.map(({ name }) => [name, []]));
  for (const { name, after } of compiled.tasks) {
    for (const upstream of after) before.get(upstream)?.push(name);
  }
  return new Map(
    compiled.tasks.map((task) => {
      const retries = task.kind === "pod" ? policyOf(compiled.defaults, task.spec).retries : NEVER;
      return [
        task.name,
        { name: task.name, kind: task.kind, after: task.after, before: before.get(task.name) ?? [], retries },
      ];
    }),
  );
}

/** Tasks that nothing waits for: they give the run its verdict. */
export function leaves(graph: Graph): GraphNode[] {
  return [...graph.values()].filter(({ before }) => before.length === 0);
}
