import type { CompiledDag, CompiledOutputs, CompiledTask, ForEach, SectionWords } from "./compiled.ts";
import { type Approval, APPROVAL_OUTPUTS, MESSAGE_OUTPUTS } from "./held.ts";
import { isTaskName, type TaskName } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import { exitCodesOf, layersOf, limitWordsOf, outputDefaults, outputsOf, policyOf, setsDisruptions } from "./merge.ts";
import { type TurnWords, turnOf } from "./pool/needs.ts";
import type { RetryPolicy } from "./retry.ts";
import { ALL_SUCCESS, type Gate } from "./rules.ts";
import type { ExitCodes } from "./task-spec.ts";

/** What the reducer needs to know of one task. */
export interface GraphNode extends TurnWords {
  readonly name: TaskName;
  readonly kind: CompiledTask["kind"];
  /** The group it stands in; none: the DAG itself. */
  readonly group?: TaskName;
  /** It stands under `finally`. */
  readonly final?: true;
  readonly after: readonly TaskName[];
  readonly before: readonly TaskName[];
  readonly gate: Gate;
  /** It has an `if`, to be asked once its gate lets it begin. */
  readonly asks?: true;
  /** It runs once for each element of a list; `parallelism`: attempts of its items at once. */
  readonly each?: { readonly parallelism?: number };
  readonly retries: RetryPolicy;
  /** timeout.total in milliseconds, where the task has one. */
  readonly totalMs?: number;
  readonly exitCodes: ExitCodes;
  /** What each output of the task is where the task was skipped: its default, or null. */
  readonly outputs: JsonObject;
  /** It has no pod, and hands on values that are to be evaluated once it has come to its end. */
  readonly gives?: true;
  /** What an approval is asked for. */
  readonly approval?: Approval;
}

/** Tasks with a verdict of their own: the DAG, or a group. */
export interface Section {
  /** Absent: the DAG. */
  readonly group?: TaskName;
  /** Its own, in the order they were written; what stands in a group of it is that group's. */
  readonly tasks: readonly GraphNode[];
  readonly finally: readonly GraphNode[];
  readonly failFast: boolean;
  /** Attempts at once. */
  readonly parallelism: number;
}

/** The DAG as the reducer sees it: acyclic and complete (compileDag has checked), in the order tasks were written. */
export interface Graph extends ReadonlyMap<TaskName, GraphNode> {
  /** By the name of its group; the DAG's own under "". */
  readonly sections: ReadonlyMap<string, Section>;
  /** The whole run's, in milliseconds. */
  readonly timeoutMs?: number;
}

/** Attempts at once where the DAG says nothing. */
export const PARALLELISM = 100;

type Policy = Pick<
  GraphNode,
  "gives" | "retries" | "totalMs" | "exitCodes" | "outputs" | "needs" | "priority" | "approval"
>;

const NO_POD: Policy = {
  retries: { limit: 0, delayMs: 0, factor: 1, maxDelayMs: 0, disruptions: 0 },
  exitCodes: { skip: [], fail: [] },
  outputs: {},
};

/** `keeper`: the DAG in which a task began that keeps what it was then; what stands where is the same in both. */
export function graphOf(
  compiled: CompiledDag,
  keeper: (task: TaskName) => CompiledDag | undefined = () => undefined,
): Graph {
  const before = new Map<TaskName, TaskName[]>(compiled.tasks.map(({ name }) => [name, []]));
  for (const { name, after } of compiled.tasks) {
    for (const upstream of after) before.get(upstream)?.push(name);
  }
  const nodes = compiled.tasks.map((task): GraphNode => {
    const { name, kind, after, gate = ALL_SUCCESS, group, final } = task;
    const kept = keeper(name);
    const own = kept?.tasks.find((one) => one.name === name) ?? task;
    const place = {
      ...(task.if !== undefined && ({ asks: true } as const)),
      ...(task.forEach !== undefined && { each: eachOf(own.forEach ?? task.forEach) }),
      ...(group !== undefined && { group }),
      ...(final && { final }),
    };
    return { name, kind, after, before: before.get(name) ?? [], gate, ...place, ...policy(kept ?? compiled, own) };
  });
  const words = new Map<string, SectionWords>([["", compiled]]);
  for (const task of compiled.tasks) if (task.kind === "group") words.set(task.name, task);
  return graphFrom(nodes, words, compiled.timeoutMs);
}

function eachOf({ parallelism }: ForEach): NonNullable<GraphNode["each"]> {
  return parallelism === undefined ? {} : { parallelism };
}

/** `words`: what each section says of itself, by its group. */
export function graphFrom(
  nodes: readonly GraphNode[],
  words: ReadonlyMap<string, SectionWords> = new Map([["", {}]]),
  timeoutMs?: number,
): Graph {
  const members = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    const group = node.group ?? "";
    const known = members.get(group);
    if (known === undefined) members.set(group, [node]);
    else known.push(node);
  }
  const sections = [...words].map(([group, { failFast, parallelism }]): [string, Section] => {
    const own = members.get(group) ?? [];
    const tasks = own.filter(({ final }) => final === undefined);
    const last = own.filter(({ final }) => final !== undefined);
    const limits = { failFast: failFast ?? false, parallelism: parallelism ?? (group === "" ? PARALLELISM : Infinity) };
    return [group, { ...(isTaskName(group) && { group }), tasks, finally: last, ...limits }];
  });
  const byName = new Map(nodes.map((node) => [node.name, node]));
  return Object.assign(byName, { sections: new Map(sections), ...(timeoutMs === undefined ? {} : { timeoutMs }) });
}

function givesOf({ declared }: CompiledOutputs): Pick<GraphNode, "outputs" | "gives"> {
  return { outputs: outputDefaults({ values: declared }), gives: true };
}

function policy(compiled: CompiledDag, task: CompiledTask): Policy {
  if (task.kind === "approve") {
    const { message: _message, ...approval } = task.approve;
    return { ...NO_POD, outputs: nulls(APPROVAL_OUTPUTS), approval };
  }
  if (task.kind === "wait") return { ...NO_POD, outputs: task.wait.kind === "event" ? nulls(MESSAGE_OUTPUTS) : {} };
  if (task.kind !== "pod") return task.outputs === undefined ? NO_POD : { ...NO_POD, ...givesOf(task.outputs) };
  const layers = layersOf(compiled, task);
  const { retries, timeout } = policyOf(layers);
  return {
    retries: { ...retries, ...(setsDisruptions(task) && { acceptsOverlap: true }) },
    ...(timeout.totalMs === undefined ? {} : { totalMs: timeout.totalMs }),
    exitCodes: exitCodesOf(layers),
    outputs: outputDefaults(outputsOf(layers)),
    ...turnOf(limitWordsOf(layers)),
  };
}

function nulls(names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, null]));
}

/** Tasks of a section that no other of its tasks waits for (`finally` does not count): they give it its verdict. */
export function leaves(graph: Graph, section: Section): GraphNode[] {
  return section.tasks.filter(({ before }) => before.every((name) => graph.get(name)?.final === true));
}
