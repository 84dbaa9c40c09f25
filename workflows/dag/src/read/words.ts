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
  | "schedule"
  | "noop"
  | "metadata";

const POLICY = "cluster pool mutex priority notify".split(" ");
const GRAPH = "forEach key dependsOnPast".split(" ");
const KINDS = "dag approve wait".split(" ");

/** Words of the format that this version recognises and does not run. They are answered, never ignored. */
export const NOT_YET = {
  dag: ["maxActiveRuns", "notify"],
  task: [...KINDS, ...GRAPH, ...POLICY],
  defaults: [...POLICY, "parallelism"],
  template: [...POLICY, "parallelism"],
  retries: [],
  timeout: [],
  exitCodes: [],
  cleanup: [],
  schedule: [],
  noop: ["outputs"],
  metadata: [],
} satisfies Record<Scope, readonly string[]>;

/** Every such word once, as the documentation lists it: `DAG finally`, `task forEach`, `retries.factor`, `after (map)`. */
export const NOT_YET_WORDS: readonly string[] = [
  ...NOT_YET.dag.map((word) => `DAG ${word}`),
  ...NOT_YET.task.map((word) => `task ${word}`),
  "group outputs",
  "noop outputs",
  "outputs.value",
];

/** Words that belong to a task and cannot be laid under all of them, or be a template's. */
export const GRAPH_WORDS: ReadonlySet<string> = new Set([
  "after",
  "rule",
  "if",
  "noop",
  "use",
  "with",
  "tasks",
  "finally",
  "failFast",
  ...GRAPH,
  ...KINDS,
]);

const KPO = "Airflow's";
const ARGO = "Argo's";

/** What people of other tools write, and what it is here. */
export const PEERS: Record<Scope, ReadonlyMap<string, string>> = {
  dag: new Map([
    ["name", "write `dag: NAME`"],
    ["dag_id", `${KPO} \`dag_id\` is \`dag\` here`],
    ["kind", "a DAG file is no Kubernetes resource: begin with `dag: NAME`"],
    ["spec", "there is no `spec` here: its fields stand at the top of the file"],
    ["steps", "write `tasks`: a map from name to task"],
    ["jobs", "write `tasks`: a map from name to task"],
    ["schedule_interval", `${KPO} \`schedule_interval\` is \`schedule\` here: \`schedule: every 10m\` or a cron line`],
    ["start_date", `${KPO} \`start_date\` is \`schedule.start\` here`],
    ["end_date", `${KPO} \`end_date\` is \`schedule.end\` here`],
    ["catchup", "write `schedule.catchup`"],
    ["timezone", "write `schedule.timeZone`"],
    ["default_args", `${KPO} \`default_args\` are \`defaults\` here`],
    ["max_active_runs", `${KPO} \`max_active_runs\` is \`maxActiveRuns\` here`],
    ["dagrun_timeout", `${KPO} \`dagrun_timeout\` is the DAG's \`timeout\` here`],
    ["arguments", `${ARGO} \`arguments\` are \`params\` here`],
    ["concurrency", "write `parallelism`"],
    ["max_active_tasks", `${KPO} \`max_active_tasks\` is \`parallelism\` here`],
    ["sla_miss_callback", `${KPO} \`sla_miss_callback\` is \`notify\` on \`late\` here`],
    ["on_failure_callback", `${KPO} callbacks are \`notify\` here, or a task under \`finally\``],
    ["entrypoint", `${ARGO} \`entrypoint\` is not needed: \`tasks\` is the graph`],
    ["activeDeadlineSeconds", "write `timeout` of the DAG"],
    ["onExit", `${ARGO} \`onExit\` is \`finally\` here`],
    ["on", "write `schedule`"],
    ["labels", "write `metadata: { labels: … }`"],
    ["tags", "write `metadata: { labels: … }`"],
  ]),
  task: new Map([
    ["name", "the key is the name; the pod's is derived; for the container use mainContainer"],
    ["task_id", "the key under `tasks` is the task's name"],
    ["cmds", `${KPO} \`cmds\` is Kubernetes' \`command\` here`],
    ["arguments", `${KPO} \`arguments\` are Kubernetes' \`args\` here; Argo's are \`with\``],
    ["parameters", `${ARGO} \`arguments.parameters\` are \`with\` here: \`with: { NAME: value }\``],
    ["cmd", "write `command`"],
    ["env_vars", `${KPO} \`env_vars\` is \`env\` here: \`env: { KEY: text }\``],
    ["secrets", "write `env: { KEY: { secretKeyRef: { name: …, key: … } } }`, or mount it with `pod.volumes`"],
    ["container_resources", `${KPO} \`container_resources\` is Kubernetes' \`resources\` here`],
    ["labels", "write `metadata: { labels: … }`"],
    ["annotations", "write `metadata: { annotations: … }`"],
    ["retry_delay", `${KPO} \`retry_delay\` is \`retries.delay\` here: \`retries: { limit: 1, delay: 5m }\``],
    ["retry", "write `retries`: `retries: 3`, or `retries: { limit: 3, delay: 10s }`"],
    ["retryStrategy", `${ARGO} \`retryStrategy\` is \`retries\` here: \`retries: { limit: 1, delay: 10s }\``],
    ["execution_timeout", `${KPO} \`execution_timeout\` is \`timeout\` here: \`timeout: 1h\``],
    ["activeDeadlineSeconds", "write `timeout: 10m` for the running time of a try"],
    ["startup_timeout_seconds", `${KPO} \`startup_timeout_seconds\` is \`timeout.start\` here`],
    ["depends_on_past", `${KPO} \`depends_on_past\` is \`dependsOnPast\` here`],
    ["trigger_rule", `${KPO} \`trigger_rule\` is \`rule\` here`],
    ["depends", `${ARGO} \`depends\` is \`after\` here: \`after: [a, b]\``],
    ["dependencies", `${ARGO} \`dependencies\` are \`after\` here: \`after: [a, b]\``],
    ["needs", "GitHub's `needs` is `after` here: `after: [a, b]`"],
    ["runAfter", "Tekton's `runAfter` is `after` here: `after: [a, b]`"],
    ["depends_on", "write `after: [a, b]`"],
    ["dependsOn", "write `after: [a, b]`"],
    ["upstream", "write `after: [a, b]`"],
    ["downstream", "write `after` in the task that comes later"],
    ["set_upstream", "write `after: [a, b]`"],
    ["set_downstream", "write `after` in the task that comes later"],
    ["wait_for_downstream", "no such wait; `dependsOnPast` looks at the task itself"],
    ["retry_exponential_backoff", `${KPO} \`retry_exponential_backoff\` is \`retries.factor\` here: \`factor: 2\``],
    ["max_retry_delay", `${KPO} \`max_retry_delay\` is \`retries.maxDelay\` here`],
    ["pool_slots", `${KPO} \`pool_slots\` is \`pool.slots\` here: \`pool: { name: gpu, slots: 2 }\``],
    ["priority_weight", `${KPO} \`priority_weight\` is \`priority\` here: highest, high, normal, low or lowest`],
    ["on_failure_callback", `${KPO} callbacks are \`notify\` here, or a task under \`finally\``],
    ["on_success_callback", `${KPO} callbacks are \`notify\` here, or a task under \`finally\``],
    ["email_on_failure", `${KPO} \`email_on_failure\` is \`notify\` here`],
    ["sla", `${KPO} \`sla\` is \`schedule.deadline\` of the DAG here`],
    ["bash_command", 'write `command: [sh, -c]` and `args: ["…"]`'],
    ["python_callable", "put the function into an image and name it in `command`"],
    ["do_xcom_push", `${KPO} XComs are \`outputs\` here`],
    ["image_pull_secrets", "write `pod: { imagePullSecrets: [{ name: … }] }`"],
    ["expand", `${KPO} \`expand\` is \`forEach\` here`],
    ["withSequence", `${ARGO} \`withSequence\` is \`forEach\` here: \`forEach: \${{ range(10) }}\``],
    ["synchronization", `${ARGO} \`synchronization\` is \`mutex\` or \`pool\` here`],
    ["suspend", `${ARGO} \`suspend\` is \`approve\` or \`wait\` here`],
    ["continueOn", `${ARGO} \`continueOn\` is a \`rule\` of the task that comes later: \`rule: all_done\``],
    ["hooks", `${ARGO} \`hooks\` are tasks with \`after: { NAME: failed }\`, or under \`finally\``],
    ["template", `${ARGO} \`template\` is \`use\` here; a plain task has its \`image\` itself`],
    ["withItems", `${ARGO} \`withItems\` is \`forEach\` here`],
    ["withParam", `${ARGO} \`withParam\` is \`forEach\` here`],
    ["when", `${ARGO} \`when\` is \`if\` here`],
    ["container", "there is no `container` here: its fields (image, command, args …) stand in the task itself"],
    ["script", `${ARGO} \`script\` is \`command\` and \`args\` here: \`command: [python, -c]\`, \`args: ["…"]\``],
    ["run", 'GitHub\'s `run` is `command` and `args` here: `command: [sh, -c]`, `args: ["…"]`'],
    ["runs-on", "GitHub's `runs-on` has no place here; for a node write `pod: { nodeSelector: … }`"],
    ["steps", "a task is one container; make a task of each step"],
    ["node_selector", "write `pod: { nodeSelector: … }`"],
    ["get_logs", `${KPO} \`get_logs\` is not needed: every line goes to NATS`],
    ["is_delete_operator_pod", `${KPO} \`is_delete_operator_pod\` is \`cleanup\` here`],
    [
      "on_finish_action",
      `${KPO} \`on_finish_action\` is \`cleanup\` here: delete_pod is always, delete_succeeded_pod onSuccess, keep_pod never`,
    ],
    ["podGC", `${ARGO} \`podGC\` is \`cleanup\` here: \`cleanup: onSuccess\``],
    ["artifacts", "no files are moved between pods: pass their address (an object store) as an argument"],
  ]),
  defaults: new Map(),
  template: new Map([
    ["inputs", `${ARGO} \`inputs.parameters\` are \`params\` here: \`params: { NAME: { type: string } }\``],
    ["dag", "a template is the fields of one pod; write the tasks under `tasks`"],
    ["steps", "a template is the fields of one pod; write the tasks under `tasks`"],
  ]),
  retries: new Map([
    ["backoff", `${ARGO} \`backoff\` is \`delay\`, \`factor\` and \`maxDelay\` here`],
    ["retries", "write `limit`"],
    ["max", "write `limit`"],
    ["count", "write `limit`"],
    ["retry_delay", "write `delay`"],
  ]),
  exitCodes: new Map([["skipped", "write `skip`"]]),
  cleanup: new Map([
    ["ttl", "write `after`"],
    ["ttlSecondsAfterFinished", "write `after: 10m`"],
    ["strategy", `${ARGO} \`podGC.strategy\` is \`when\` here`],
    ["policy", "write `when`"],
  ]),
  timeout: new Map([["seconds", "write a duration: `timeout: 90s`"]]),
  schedule: new Map([
    ["timezone", "write `timeZone`"],
    ["start_date", "write `start`"],
    ["end_date", "write `end`"],
    ["interval", "write `every`"],
    ["concurrencyPolicy", "write `overlap`"],
    ["startingDeadlineSeconds", "write `deadline`"],
  ]),
  noop: new Map(),
  metadata: new Map([
    ["name", "the key of the task (or `dag`) is the name; a pod's name is derived"],
    ["namespace", "write `namespace` in the task"],
  ]),
};
