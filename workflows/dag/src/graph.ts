import type { CompiledDag, CompiledTask } from "./compiled.ts";
import type { TaskName } from "./ids.ts";
import { exitCodesOf, policyOf } from "./merge.ts";
import type { ExitCodes, Retries } from "./task-spec.ts";

/** What the reducer needs to know of one task. */
export interface GraphNode {
  readonly name: TaskName;
  readonly kind: "noop" | "pod";
  readonly after: readonly TaskName[];
  readonly before: readonly TaskName[];
  readonly retries: Retries;
  readonly exitCodes: ExitCodes;
}

/** The DAG as the reducer sees it: acyclic and complete (compileDag has checked), in the order tasks were written. */
export type Graph = ReadonlyMap<TaskName, GraphNode>;

const NO_POD: Pick<GraphNode, "retries" | "exitCodes"> = {
  retries: { limit: 0, delayMs: 0, factor: 1, maxDelayMs: 0, disruptions: 0 },
  exitCodes: { skip: [], fail: [] },
};

export function graphOf(compiled: CompiledDag): Graph {
  const before = new Map<TaskName, TaskName[]>(compiled.tasks.map(({ name }) => [name, []]));
  for (const { name, after } of compiled.tasks) {
    for (const upstream of after) before.get(upstream)?.push(name);
  }
  return new Map(
    compiled.tasks.map((task) => {
      const { name, kind, after } = task;
      return [name, { name, kind, after, before: before.get(name) ?? [], ...policy(compiled, task) }];
    }),
  );
}

function policy({ defaults }: CompiledDag, task: CompiledTask): Pick<GraphNode, "retries" | "exitCodes"> {
  if (task.kind !== "pod") return NO_POD;
  return { retries: policyOf(defaults, task.spec).retries, exitCodes: exitCodesOf(defaults, task.spec) };
}

/** Tasks that nothing waits for: they give the run its verdict. */
export function leaves(graph: Graph): GraphNode[] {
  return [...graph.values()].filter(({ before }) => before.length === 0);
}
