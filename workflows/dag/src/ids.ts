declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** `[A-Za-z][A-Za-z0-9_-]{0,47}`, unique in the installation. */
export type DagName = Branded<"DagName">;
/** `[A-Za-z][A-Za-z0-9_-]{0,47}`, unique in its DAG; of a task in a group `group.child`. */
export type TaskName = Branded<"TaskName">;
/** What a person calls a run: `<run>` of the workflow id `dag/<dag>/<run>`, or else the whole workflow id. */
export type RunId = Branded<"RunId">;

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,47}$/;

export function isDagName(text: string): text is DagName {
  return NAME.test(text) || text === RUN_POD_DAG;
}
/** Whole: a task's own name behind those of the groups around it, `group.child`. */
export function isTaskName(text: string): text is TaskName {
  return text.length <= 512 && text.split(".").every((part) => NAME.test(part));
}
/** As it is written: the key of a task. */
export function isOwnTaskName(text: string): text is TaskName {
  return NAME.test(text);
}
/** Temporal allows 1,000 characters in an id (limit.maxIDLength). */
export function isRunId(text: string): text is RunId {
  return text.length > 0 && text.length <= 1000;
}

/** The `<dag>` of a `runPod` workflow: it runs one task of no DAG. */
export const RUN_POD_DAG = "-";

/**
 * One workflow chain: a run from its start through every continue-as-new.
 * Two runs that use the same workflow id one after the other differ in `firstExecutionRunId`.
 */
export interface Chain {
  readonly workflowId: string;
  readonly firstExecutionRunId: string;
}

/** Which task of which run; `index` is the position in a `forEach`, absent otherwise. */
export interface TaskRef {
  readonly installation: string;
  readonly chain: Chain;
  readonly dag: DagName;
  readonly run: RunId;
  readonly task: TaskName;
  readonly index?: number;
}

/** One pod for one task; `attempt` counts from 1. An activity retry is the same attempt seen again. */
export interface AttemptRef extends TaskRef {
  readonly attempt: number;
}

/**
 * `dag/<dag>/<run>` with a matching DAG gives `<run>`; any other id is the run's id whole,
 * so a plain Temporal client may choose any workflow id.
 */
export function runIdOf(workflowId: string, dag: DagName): RunId {
  const prefix = `dag/${dag}/`;
  const rest = workflowId.startsWith(prefix) ? workflowId.slice(prefix.length) : "";
  const id = rest !== "" && !rest.includes("/") ? rest : workflowId;
  if (!isRunId(id)) throw new RangeError(`not a workflow id: ${JSON.stringify(workflowId.slice(0, 80))}`);
  return id;
}

export function workflowIdOf(dag: DagName, run: string): string {
  return `dag/${dag}/${run}`;
}
