/** Which kind of object a field stands in. */
export type Scope =
  | "dag"
  | "task"
  | "defaults"
  | "template"
  | "retries"
  | "timeout"
  | "exitCodes"
  | "cleanup"
  | "pool"
  | "schedule"
  | "noop"
  | "approve"
  | "wait"
  | "event"
  | "metadata";

/** What texts call such an object. */
export const CALLED: Record<Scope, string> = {
  dag: "a DAG",
  task: "a task",
  defaults: "`defaults`",
  template: "a template",
  retries: "`retries`",
  timeout: "`timeout`",
  exitCodes: "`exitCodes`",
  cleanup: "`cleanup`",
  pool: "`pool`",
  schedule: "`schedule`",
  noop: "`noop`",
  approve: "`approve`",
  wait: "`wait`",
  event: "`wait.event`",
  metadata: "`metadata`",
};

const POLICY = "cluster notify".split(" ");
const GRAPH = "dependsOnPast".split(" ");
const KINDS = "dag approve wait".split(" ");

/** Words of the format that this version recognises and does not run. They are answered, never ignored. */
export const NOT_YET = {
  dag: ["notify"],
  task: ["dag", ...GRAPH, ...POLICY],
  defaults: [...POLICY, "parallelism"],
  template: [...POLICY, "parallelism"],
  retries: [],
  timeout: [],
  exitCodes: [],
  cleanup: [],
  pool: [],
  schedule: [],
  noop: [],
  approve: [],
  wait: ["dag", "logicalDate"],
  event: [],
  metadata: [],
} satisfies Record<Scope, readonly string[]>;

/** Every such word once, as the documentation lists it: `DAG finally`, `task forEach`, `retries.factor`, `after (map)`. */
export const NOT_YET_WORDS: readonly string[] = [
  ...NOT_YET.dag.map((word) => `DAG ${word}`),
  ...NOT_YET.task.map((word) => `task ${word}`),
  ...NOT_YET.wait.map((word) => `wait ${word}`),
];

/** Words that belong to a task and cannot be laid under all of them, or be a template's. */
export const GRAPH_WORDS: ReadonlySet<string> = new Set([
  "after",
  "rule",
  "if",
  "noop",
  "use",
  "with",
  "forEach",
  "key",
  "tasks",
  "finally",
  "failFast",
  ...GRAPH,
  ...KINDS,
]);
