import { AIRFLOW_DAG, AIRFLOW_TASK } from "./peers-airflow.ts";
import { ARGO_TASK, ARGO_WORKFLOW } from "./peers-argo.ts";
import type { Scope } from "./words.ts";

type Words = readonly (readonly [word: string, text: string])[];

/** What people of other tools write, and what it is here: each with a line that can be copied. */
export const PEERS: Record<Scope, ReadonlyMap<string, string>> = {
  dag: new Map([
    ...told("Airflow", AIRFLOW_DAG),
    ...told("Argo", ARGO_WORKFLOW),
    ["name", "write `dag: NAME`"],
    ["workflow", "write `dag: NAME`"],
    ["kind", "a DAG file is no Kubernetes resource: begin with `dag: NAME`"],
    ["spec", "there is no `spec` here: its fields stand at the top of the file"],
    ["steps", "write `tasks`: a map from name to task"],
    ["jobs", "write `tasks`: a map from name to task"],
    ["timezone", "write `schedule: { cron: …, timeZone: Europe/Berlin }`"],
    ["concurrency", "write `parallelism: 10`"],
    ["on", "write `schedule: every 10m`"],
    ["labels", "write `metadata: { labels: … }`"],
    ["annotations", "write `metadata: { annotations: … }`"],
    ["tags", "write `metadata: { labels: … }`"],
    ["version", "a DAG's version is the hash of what it says; leave it out"],
    ["variables", "write `params: { NAME: default }`, and `${{ params.NAME }}` where it is used"],
    ["vars", "write `params: { NAME: default }`, and `${{ params.NAME }}` where it is used"],
    ["notifications", "write `notify: { on: [failed], to: [CHANNEL] }`"],
  ]),
  task: new Map([
    ...told("Airflow", AIRFLOW_TASK),
    ...told("Argo", ARGO_TASK),
    ["arguments", "Airflow's `arguments` are Kubernetes' `args` here: `args: [load]`; Argo's are `with`"],
    ["name", "the key is the name; the pod's is derived; for the container use mainContainer"],
    ["cmd", "write `command: [python, -c]`"],
    ["entrypoint", "write `command: [python, -c]`"],
    ["environment", "write `env: { KEY: text }`"],
    ["labels", "write `metadata: { labels: … }`"],
    ["annotations", "write `metadata: { annotations: … }`"],
    ["retry", "write `retries`: `retries: 3`, or `retries: { limit: 3, delay: 10s }`"],
    ["needs", "GitHub's `needs` is `after` here: `after: [a, b]`"],
    ["runAfter", "Tekton's `runAfter` is `after` here: `after: [a, b]`"],
    ["depends_on", "write `after: [a, b]`"],
    ["dependsOn", "write `after: [a, b]`"],
    ["upstream", "write `after: [a, b]`"],
    ["downstream", "write `after` in the task that comes later"],
    ["condition", 'write `if: tasks.a.state == "failed"`'],
    ["run", 'GitHub\'s `run` is `command` and `args` here: `command: [sh, -c]`, `args: ["…"]`'],
    ["runs-on", "GitHub's `runs-on` has no place here; for a node write `pod: { nodeSelector: … }`"],
    ["matrix", "GitHub's `matrix` is `forEach` here: `forEach: { os: [a, b], arch: [c] }`"],
    ["steps", "a task is one container; make a task of each step"],
    ["backoffLimit", "a Job's `backoffLimit` is `retries` here: `retries: 3`"],
    ["ttlSecondsAfterFinished", "a Job's `ttlSecondsAfterFinished` is `cleanup` here: `cleanup: { after: 10m }`"],
    ["artifacts", "no files are moved between pods: pass their address (an object store) as an argument"],
  ]),
  defaults: new Map(),
  template: new Map([
    ["inputs", "Argo's `inputs.parameters` are `params` here: `params: { NAME: { type: string } }`"],
    ["dag", "a template is the fields of one pod; write the tasks under `tasks`"],
    ["steps", "a template is the fields of one pod; write the tasks under `tasks`"],
  ]),
  retries: new Map([
    ["backoff", "Argo's `backoff` is `delay`, `factor` and `maxDelay` here: `delay: 10s`"],
    ["retryPolicy", "Argo's `retryPolicy` is `if` here: `if: outcome.exitCode == 75`"],
    ["expression", "Argo's `expression` is `if` here: `if: outcome.exitCode == 75`"],
    ["duration", "write `delay: 10s`"],
    ["maxDuration", "write `maxDelay: 10m`, or `timeout: { total: 1h }` in the task"],
    ["retries", "write `limit: 3`"],
    ["max", "write `limit: 3`"],
    ["count", "write `limit: 3`"],
    ["attempts", "write `limit`: tries = limit + 1"],
    ["retry_delay", "write `delay: 10s`"],
  ]),
  exitCodes: new Map([["skipped", "write `skip: [99]`"]]),
  cleanup: new Map([
    ["ttl", "write `after: 10m`"],
    ["ttlSecondsAfterFinished", "write `after: 10m`"],
    ["strategy", "Argo's `podGC.strategy` is `when` here: `when: onSuccess`"],
    ["policy", "write `when: onSuccess`"],
  ]),
  pool: new Map([
    ["pool_slots", "Airflow's `pool_slots` is `slots` here: `slots: 2`"],
    ["size", "the operator says how large a pool is; what the task takes of it is `slots`: `slots: 2`"],
  ]),
  timeout: new Map([["seconds", "write a duration: `timeout: 90s`"]]),
  schedule: new Map([
    ["timezone", "write `timeZone: Europe/Berlin`"],
    ["start_date", "write `start: 2026-11-01`"],
    ["end_date", "write `end: 2027-11-01`"],
    ["interval", "write `every: 10m`"],
    ["schedules", "write `cron`, a line or a list of them"],
    ["concurrencyPolicy", "write `overlap: skip` (Forbid), `replace` or `allow`"],
    ["startingDeadlineSeconds", "write `catchup: 10m`: slots missed for longer are let go"],
  ]),
  noop: new Map(),
  approve: new Map([
    ["subject", "Airflow's `subject` is `message` here: `message: Publish?`"],
    ["body", "Airflow's `body` is `message` here: `message: Publish?`"],
    ["defaults", "Airflow's `defaults` is `default` here, one option: `default: reject`"],
    ["assigned_users", "Airflow's `assigned_users` are `assignees` here: `assignees: [anna]`"],
    ["execution_timeout", "write `timeout: 8h` beside `approve`"],
  ]),
  wait: new Map([
    ["duration", "Argo's `suspend.duration` is `for` here: `for: 10m`"],
    ["delta", "Airflow's `delta` is `for` here: `for: 10m`"],
    ["target_time", "Airflow's `target_time` is `until` here: `until: 2026-11-28T06:00:00Z`"],
    ["http", "no URL is asked: make a pod task of it (`curl`, with `retries`), which has its own identity"],
  ]),
  event: new Map([
    ["when", "write `if: event.data.rows > 0`"],
    ["topic", "write `subject: lake.ready`"],
  ]),
  metadata: new Map([
    ["name", "the key of the task (or `dag`) is the name; a pod's name is derived"],
    ["namespace", "write `namespace` in the task"],
  ]),
};

function told(tool: string, words: Words): Words {
  return words.map(([word, text]) => [word, `${tool}'s \`${word}\` ${text}`]);
}
