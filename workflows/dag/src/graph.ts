import type { CompiledDag, CompiledTask } from "./compiled.ts";
import type { TaskName } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import { exitCodesOf, layersOf, outputDefaults, outputsOf, policyOf, setsDisruptions } from "./merge.ts";
import type { RetryPolicy } from "./retry.ts";
import { ALL_SUCCESS, type Gate } from "./rules.ts";
import type { ExitCodes } from "./task-spec.ts";

/** What the reducer needs to know of one task. */
export interface GraphNode {
  readonly name: TaskName;
  readonly kind: "noop" | "pod";
  readonly after: readonly TaskName[];
  readonly before: readonly TaskName[];
  readonly gate: Gate;
  readonly retries: RetryPolicy;
  /** timeout.total in milliseconds, where the task has one. */
  readonly totalMs?: number;
  readonly exitCodes: ExitCodes;
  /** What each output of the task is where the task was skipped: its default, or null. */
  readonly outputs: JsonObject;
}

/** The DAG as the reducer sees it: acyclic and complete (compileDag has checked), in the order tasks were written. */
export type Graph = ReadonlyMap<TaskName, GraphNode>;

type Policy = Pick<GraphNode, "retries" | "totalMs" | "exitCodes" | "outputs">;

const NO_POD: Policy = {
  retries: { limit: 0, delayMs: 0, factor: 1, maxDelayMs: 0, disruptions: 0 },
  exitCodes: { skip: [], fail: [] },
  outputs: {},
};

export function graphOf(compiled: CompiledDag): Graph {
  const before = new Map<TaskName, TaskName[]>(compiled.tasks.map(({ name }) => [name, []]));
  for (const { name, after } of compiled.tasks) {
    for (const upstream of after) before.get(upstream)?.push(name);
  }
  return new Map(
    compiled.tasks.map((task) => {
      const { name, kind, after, gate = ALL_SUCCESS } = task;
      return [name, { name, kind, after, before: before.get(name) ?? [], gate, ...policy(compiled, task) }];
    }),
  );
}

function policy(compiled: CompiledDag, task: CompiledTask): Policy {
  if (task.kind !== "pod") return NO_POD;
  const layers = layersOf(compiled, task);
  const { retries, timeout } = policyOf(layers);
  return {
    retries: { ...retries, ...(setsDisruptions(task) && { acceptsOverlap: true }) },
    ...(timeout.totalMs === undefined ? {} : { totalMs: timeout.totalMs }),
    exitCodes: exitCodesOf(layers),
    outputs: outputDefaults(outputsOf(layers)),
  };
}

/** Tasks that nothing waits for: they give the run its verdict. */
export function leaves(graph: Graph): GraphNode[] {
  return [...graph.values()].filter(({ before }) => before.length === 0);
}
