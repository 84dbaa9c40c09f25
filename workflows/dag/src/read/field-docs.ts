import { ANY_MAP, CODES, COUNT, DECLARATIONS, DURATION, type FieldDoc, ref, TEXT, TEXTS } from "./field-doc.ts";
import { GRAPH } from "./graph-field-docs.ts";
import { APPROVE, EVENT, WAIT } from "./hold-docs.ts";
import { LIMIT_DOCS, MAX_ACTIVE_RUNS_DOC, POOL_DOCS } from "./limit-docs.ts";
import type { Scope } from "./words.ts";

/** What the DAG and a group say of their tasks as a whole. */
const SECTION: Readonly<Record<string, FieldDoc>> = {
  finally: {
    text: "Name → task: run when all `tasks` are done, whatever happened, also after a cancel; their `rule` is `all_done`.",
    schema: { type: "object", additionalProperties: ref("task") },
    example: { report: { noop: {} } },
  },
  failFast: {
    text: "The first task that has failed for good ends the rest: what runs fails, what has not started is skipped.",
    schema: { type: "boolean" },
    default: "false",
    example: true,
  },
};
const PARALLELISM = { type: "integer", minimum: 1, maximum: 1000 };

const DAG: Readonly<Record<string, FieldDoc>> = {
  apiVersion: {
    text: "Version of the format.",
    schema: { const: "slipway.dev/v1" },
    default: "slipway.dev/v1",
    example: "slipway.dev/v1",
  },
  dag: {
    text: "Name of the DAG: a letter, then letters, digits, `_` and `-`; at most 48. Required.",
    schema: { type: "string", pattern: "^[A-Za-z][A-Za-z0-9_-]{0,47}$" },
    example: "nightly_etl",
  },
  description: { text: "What the DAG does; shown.", schema: TEXT, example: "Loads what changed since yesterday." },
  owner: { text: "The team the DAG belongs to; shown.", schema: TEXT, example: "data-platform" },
  metadata: {
    text: "Labels and annotations of the DAG and its runs; pods get theirs from the task.",
    schema: ref("metadata"),
    example: { labels: { team: "data" } },
  },
  schedule: {
    text: "When runs start: `every 10m`, a cron line, or a map. Checked and shown; nothing starts runs by it yet.",
    schema: { anyOf: [TEXT, ref("schedule")] },
    example: { cron: "30 2 * * *", timeZone: "Europe/Berlin" },
  },
  params: {
    text: "Name → JSON Schema; a scalar or list is the default, and with it the type. Without `default` a param is required.",
    schema: DECLARATIONS,
    example: { source: "s3://lake", limit: { type: "integer", minimum: 1, default: 10 } },
  },
  defaults: {
    text: "Fields of a task, laid under every pod task: no graph words, no kinds.",
    schema: ref("defaults"),
    example: { retries: { limit: 1, delay: "5m" }, namespace: "jobs" },
  },
  outputs: {
    text: "The run's result, evaluated once every task has ended, in a run that succeeded: name → `value`, with expressions, and `schema`.",
    schema: {
      type: "object",
      additionalProperties: {
        type: "object",
        properties: { value: {}, schema: { type: "object" } },
        required: ["value"],
        additionalProperties: false,
      },
    },
    example: { day: { value: "${{ ds }}", schema: { type: "string" } } },
  },
  templates: {
    text: "Name → fields of a pod task with `params` of their own, laid under the tasks that `use` it.",
    schema: { type: "object", additionalProperties: ref("template") },
    example: { worker: { params: { verb: { type: "string" } }, image: "indexer:3", args: ["${{ params.verb }}"] } },
  },
  tasks: {
    text: "Name → task. Order means nothing but display and ties. Required.",
    schema: { type: "object", additionalProperties: ref("task"), minProperties: 1 },
    example: { start: { noop: {} }, load: { after: "start", image: "loader:1" } },
  },
  ...SECTION,
  parallelism: { text: "Attempts of the run at once.", schema: PARALLELISM, default: "100", example: 20 },
  maxActiveRuns: MAX_ACTIVE_RUNS_DOC,
  timeout: {
    text: "Of the whole run, from when it begins (waiting for its turn does not count): then what runs is ended, `finally` runs, and the run has failed.",
    schema: DURATION,
    example: "2h",
  },
};

const GROUP: Readonly<Record<string, FieldDoc>> = {
  tasks: {
    text: "Makes the task a group: a graph of its own, judged as a run is. Its tasks are called GROUP.KEY.",
    schema: { type: "object", additionalProperties: ref("task"), minProperties: 1 },
    example: { up: { noop: {} }, build: { after: "up", image: "builder:1" } },
  },
  defaults: {
    text: "Of a group: laid under its pod tasks, over the DAG's.",
    schema: ref("defaults"),
    example: { namespace: "jobs" },
  },
  ...SECTION,
  parallelism: { text: "Of a group: attempts in it at once.", schema: PARALLELISM, example: 2 },
};

const LAYER: Readonly<Record<string, FieldDoc>> = {
  image: {
    text: "Kubernetes' Container.image. A pod task needs one: its own, its template's or from `defaults`.",
    schema: TEXT,
    example: "debian:12-slim",
  },
  env: {
    text: "Kubernetes' list, or a map: `KEY: text`, `KEY: { secretKeyRef: … }`.",
    schema: { anyOf: [ANY_MAP, { type: "array", items: ref("EnvVar") }] },
    example: { REGION: "eu", PGPASSWORD: { secretKeyRef: { name: "warehouse", key: "password" } } },
  },
  pod: {
    text: "Kubernetes' PodSpec, verbatim; the task's own container is laid into `containers` by its name. `restartPolicy` is Never.",
    schema: ref("PodSpec"),
    example: { nodeSelector: { disk: "ssd" } },
  },
  mainContainer: {
    text: "Which container of the pod is the task: its end is the task's end.",
    schema: TEXT,
    default: "main",
    example: "job",
  },
  metadata: {
    text: "Labels and annotations of the pod; `slipway.dev/` is reserved.",
    schema: ref("metadata"),
    example: { labels: { team: "data" } },
  },
  namespace: { text: "Kubernetes namespace of the pod.", schema: TEXT, default: "the installation's", example: "jobs" },
  retries: {
    text: "How often and how soon the task is tried again after a failure of its own: a number is `limit`.",
    schema: { anyOf: [COUNT, ref("retries")] },
    default: "0 retries; 30s, 1, 10m; 3 disruptions",
    example: { limit: 3, delay: "10s", factor: 2, maxDelay: "10m" },
  },
  timeout: {
    text: "How long things may take: a duration is `attempt`, the running time of one try.",
    schema: { anyOf: [DURATION, ref("timeout")] },
    default: "attempt and total none, schedule 1h, start 30m",
    example: { attempt: "1h", start: "10m" },
  },
  exitCodes: {
    text: "What the main container's own exit code says beyond success and failure; any other code is `retries`' business.",
    schema: ref("exitCodes"),
    example: { skip: [99], fail: [2] },
  },
  cleanup: {
    text: "When a pod that has ended is deleted: a word is `when`.",
    schema: { anyOf: [{ enum: ["always", "onSuccess", "never"] }, ref("cleanup")] },
    default: "always, at once",
    example: { when: "onSuccess", after: "1h" },
  },
  ...LIMIT_DOCS,
  outputs: {
    text: "What the task hands on: name → JSON Schema and `from` (message, stdout, lastLine), or `value` with expressions, evaluated once it has succeeded (a group and a noop have those alone); a scalar or list is the default, and with it the type.",
    schema: DECLARATIONS,
    example: { rows: { type: "integer", from: "lastLine", default: 0 } },
  },
};

const RETRIES: Readonly<Record<string, FieldDoc>> = {
  limit: { text: "Further tries after a failure: tries = limit + 1.", schema: COUNT, default: "0", example: 3 },
  delay: { text: "Wait before the next try; 0-20 % is added.", schema: DURATION, default: "30s", example: "10s" },
  factor: {
    text: "Each delay is this many times the one before, up to `maxDelay`.",
    schema: { type: "number", minimum: 1, maximum: 100 },
    default: "1",
    example: 2,
  },
  maxDelay: { text: "The longest delay that `factor` leads to.", schema: DURATION, default: "10m", example: "5m" },
  disruptions: {
    text: "Second budget: tries after a pod was lost that may have started (evicted, preempted, node gone). 0 for work that must not repeat. Never started = free.",
    schema: COUNT,
    default: "3",
    example: 0,
  },
  if: {
    text: "CEL over `outcome` (kind, exitCode, signal, message): where it is false, a failure that `limit` counts is not tried again.",
    schema: { type: ["string", "boolean"] },
    default: "true",
    example: "outcome.exitCode in [75, 111]",
  },
};

const TIMEOUT: Readonly<Record<string, FieldDoc>> = {
  attempt: { text: "Running time of one try.", schema: DURATION, default: "none", example: "1h" },
  total: {
    text: "From the first pod on: all tries with the delays between them.",
    schema: DURATION,
    default: "none",
    example: "4h",
  },
  schedule: { text: "Pod made to node found.", schema: DURATION, default: "1h", example: "2h" },
  start: { text: "Node found to container started.", schema: DURATION, default: "30m", example: "10m" },
};

const SCHEDULE: Readonly<Record<string, FieldDoc>> = {
  every: { text: "A run every so often.", schema: DURATION, example: "10m" },
  cron: {
    text: "A cron line of five fields or @daily and the like, or a list of them.",
    schema: { anyOf: [TEXT, { type: "array", items: TEXT, minItems: 1 }] },
    example: "30 2 * * *",
  },
  after: { text: "A run after each run of this DAG.", schema: TEXT, example: "nightly_etl" },
  on: { text: "A run for each message on this NATS subject.", schema: TEXT, example: "lake.partition.ready" },
  timeZone: { text: "IANA time zone of the times.", schema: TEXT, default: "UTC", example: "Europe/Berlin" },
  start: { text: "No run before this date or time.", schema: TEXT, example: "2026-11-01" },
  end: { text: "No run after this date or time.", schema: TEXT, example: "2027-11-01" },
  jitter: { text: "Each start is put off by up to this much.", schema: DURATION, default: "0s", example: "5m" },
  catchup: {
    text: "Slots missed while the server or DAG was down: none, latest, all, or those not older than a duration.",
    schema: { anyOf: [{ enum: ["none", "latest", "all"] }, DURATION] },
    default: "latest",
    example: "latest",
  },
  overlap: {
    text: "What a due slot does while a scheduled run is active.",
    schema: { enum: ["skip", "queue", "replace", "allow"] },
    default: "skip",
    example: "queue",
  },
  deadline: { text: "Time after the slot until a run counts as late; it goes on.", schema: DURATION, example: "4h" },
};

/** Every field that this version runs, by the object it stands in. Kubernetes' own are in Kubernetes' reference. */
export const FIELDS: Readonly<Record<Scope, Readonly<Record<string, FieldDoc>>>> = {
  dag: DAG,
  task: { ...GRAPH, ...GROUP, ...LAYER },
  defaults: LAYER,
  template: {
    params: {
      text: "Params of the template's own, declared like the DAG's; none may have the name of a DAG's.",
      schema: DECLARATIONS,
      example: { verb: { type: "string" }, shard: 0 },
    },
    ...LAYER,
  },
  retries: RETRIES,
  timeout: TIMEOUT,
  exitCodes: {
    skip: { text: "Exit codes with which the task counts as skipped.", schema: CODES, example: [99] },
    fail: { text: "Exit codes with which the task failed and is not tried again.", schema: CODES, example: [2] },
  },
  cleanup: {
    when: {
      text: "always: the pod goes; onSuccess: pods that did not succeed stay; never: all stay.",
      schema: { enum: ["always", "onSuccess", "never"] },
      default: "always",
      example: "onSuccess",
    },
    after: { text: "How long a pod stays from its end.", schema: DURATION, example: "1h" },
  },
  pool: POOL_DOCS,
  schedule: SCHEDULE,
  noop: {},
  approve: APPROVE,
  wait: WAIT,
  event: EVENT,
  metadata: {
    labels: { text: "Kubernetes labels.", schema: TEXTS, example: { team: "data" } },
    annotations: { text: "Kubernetes annotations.", schema: TEXTS, example: { note: "kept by the data team" } },
  },
};
