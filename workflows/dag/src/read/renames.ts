import type { Scope } from "./words.ts";

const TASK: Readonly<Record<string, string>> = {
  cmds: "command",
  cmd: "command",
  arguments: "args",
  env_vars: "env",
  environment: "env",
  container_resources: "resources",
  container_security_context: "securityContext",
  base_container_name: "mainContainer",
  execution_timeout: "timeout",
  trigger_rule: "rule",
  depends_on_past: "dependsOnPast",
  dependencies: "after",
  depends_on: "after",
  dependsOn: "after",
  needs: "after",
  runAfter: "after",
  upstream: "after",
};

/**
 * Words of other tools that have the same value here: `lint --fix` writes ours in their place, where what stands behind is
 * right for ours.
 */
export const RENAMES: Readonly<Partial<Record<Scope, Readonly<Record<string, string>>>>> = {
  dag: {
    dag_id: "dag",
    schedule_interval: "schedule",
    default_args: "defaults",
    max_active_runs: "maxActiveRuns",
    max_active_tasks: "parallelism",
    concurrency: "parallelism",
    dagrun_timeout: "timeout",
    fail_stop: "failFast",
    jobs: "tasks",
  },
  task: TASK,
  defaults: TASK,
  template: TASK,
  retries: { max: "limit", count: "limit", retries: "limit", retry_delay: "delay" },
  cleanup: { ttl: "after", strategy: "when", policy: "when" },
  schedule: { interval: "every", start_date: "start", end_date: "end" },
};
