/**
 * Every way in which an attempt can end on a real node, told in one sentence: the same one in the run's failure, in the
 * event and on the command line. What one node cannot show is in test/faults.
 */
import { eventually, sharedFleet } from "@slipway/testbed";
import { CancelledFailure, WorkflowFailedError, type WorkflowHandle } from "@temporalio/client";
import { test } from "vitest";

const fleet = sharedFleet();

interface Case {
  readonly task: Record<string, unknown>;
  readonly kind: string;
  /** The sentence; an expression where the cluster's own words vary. */
  readonly says: string | RegExp;
  /** Done to the pod, or to the run, once the pod runs. */
  readonly meanwhile?: (pod: string, run: WorkflowHandle) => Promise<unknown>;
}

const busybox = (script: string, more: Record<string, unknown> = {}) => ({
  image: "slipway.local/busybox:1",
  command: ["sh", "-c", script],
  ...more,
});
const missing = "slipway.local/debian:1604";
const once = { retries: { disruptions: 0 } };
const patient = busybox("trap 'exit 0' TERM; while true; do sleep 0.1; done", once);
const envFrom = (source: Record<string, unknown>) => busybox("true", { env: [{ name: "A", valueFrom: source }] });

/** Decided over the attempt: its own event and its own line under Causes. */
const CASES: Record<string, Case> = {
  code: { task: busybox("exit 3"), kind: "exit", says: "exit code 3" },
  signal: { task: busybox("exit 139"), kind: "exit", says: "killed by SIGSEGV (exit code 139)" },
  oom: {
    task: busybox("tail /dev/zero", { resources: { limits: { memory: "16Mi" } } }),
    kind: "oom_killed",
    says: "killed: out of memory (its limit is 16Mi)",
  },
  attempt: {
    task: busybox("sleep 1000", { timeout: "1s", pod: { terminationGracePeriodSeconds: 1 } }),
    kind: "timeout",
    says: "still running after timeout.attempt (1s)",
  },
  total: {
    task: busybox("sleep 1000", { timeout: { total: "3s" }, pod: { terminationGracePeriodSeconds: 1 }, retries: 3 }),
    kind: "timeout",
    says: "not done within timeout.total (3s)",
  },
  output: {
    task: busybox("echo 3 rows", { outputs: { rows: { type: "integer", from: "stdout" } } }),
    kind: "output",
    says: "output rows: the log is not JSON",
  },
  expression: {
    task: busybox("true", { env: { A: "${{ 1 / (attempt - 1) }}" }, retries: 3 }),
    kind: "expression",
    says: "${{ 1 / (attempt - 1) }}: division by zero",
  },
  start: {
    task: busybox("true", {
      timeout: { start: "2s" },
      pod: { terminationGracePeriodSeconds: 1, initContainers: [{ name: "slow", ...busybox("sleep 1000") }] },
    }),
    kind: "timeout",
    says: "not started within timeout.start (2s)",
  },
  schedule: {
    task: busybox("true", { timeout: { schedule: "2s" }, pod: { schedulerName: "nobody" } }),
    kind: "timeout",
    says: "no node within timeout.schedule (2s)",
  },
  nowhere: {
    task: busybox("true", { timeout: { schedule: "2s" }, resources: { requests: { cpu: "4k" } } }),
    kind: "unschedulable",
    says: /^no node within timeout\.schedule \(2s\): 0\/1 nodes are available: 1 Insufficient cpu/,
  },
  tag: {
    task: { image: missing },
    kind: "image",
    says: `image ${missing} does not exist in its registry`,
  },
  never: {
    task: { image: missing, imagePullPolicy: "Never" },
    kind: "image",
    says: `image ${missing} is not on the node, and imagePullPolicy is Never`,
  },
  secret: {
    task: envFrom({ secretKeyRef: { name: "no-secret", key: "k" } }),
    kind: "config",
    says: 'the container cannot be configured: secret "no-secret" not found',
  },
  map: {
    task: envFrom({ configMapKeyRef: { name: "no-map", key: "k" } }),
    kind: "config",
    says: 'the container cannot be configured: configmap "no-map" not found',
  },
  key: {
    task: envFrom({ configMapKeyRef: { name: "kube-root-ca.crt", key: "k" } }),
    kind: "config",
    says: /^the container cannot be configured: couldn't find key k in ConfigMap \S+\/kube-root-ca\.crt$/,
  },
  command: {
    task: { image: "slipway.local/debian:12", command: ["python"] },
    kind: "start_error",
    says: "python: executable not found in the image",
  },
  permission: {
    task: { image: "slipway.local/busybox:1", command: ["/etc/passwd"] },
    kind: "start_error",
    says: "/etc/passwd: not executable (permission denied)",
  },
  init: {
    task: busybox("true", { pod: { initContainers: [{ name: "fetch", ...busybox("exit 4") }] } }),
    kind: "init",
    says: "init container fetch: exit code 4",
  },
  refused: {
    task: busybox("true", { namespace: "nowhere-at-all" }),
    kind: "rejected",
    says: 'the API server refused the pod: namespaces "nowhere-at-all" not found',
  },
  evicted: {
    task: patient,
    kind: "evicted",
    says: /^evicted by node \S+: Eviction API: evicting$/,
    meanwhile: async (name) =>
      await fleet.pods.createNamespacedPodEviction({ name, namespace: fleet.namespace, body: { metadata: { name } } }),
  },
  deleted: {
    task: patient,
    kind: "interrupted",
    says: "somebody deleted the pod while it ran (exit code 0)",
    meanwhile: async (name) => await fleet.pods.deleteNamespacedPod({ name, namespace: fleet.namespace }),
  },
  forced: {
    task: busybox("sleep 1000", once),
    kind: "lost",
    says: "the pod is gone; what it did is unknown",
    meanwhile: async (name) =>
      await fleet.pods.deleteNamespacedPod({ name, namespace: fleet.namespace, gracePeriodSeconds: 0 }),
  },
};

/** Decided by the run over an attempt that may have ended otherwise: the task's event and its line under Tasks. */
const BY_THE_RUN: Record<string, Case> = {
  condition: {
    task: busybox("exit 3", { retries: { limit: 1, if: "100 / (outcome.exitCode - 3) > 1" } }),
    kind: "expression",
    says: "retries.if has no answer: division by zero; the attempt: exit code 3",
  },
  stopped: {
    task: patient,
    kind: "cancelled",
    says: "cancelled by anna: too long",
    meanwhile: async (_pod, run) =>
      await run.executeUpdate("cancelTask", { args: [{ task: "stopped", by: "anna", note: "too long" }] }),
  },
};

test.concurrent.for(Object.entries(CASES))(
  "outcome - %s",
  { timeout: 120_000 },
  async ([name, { kind, says, ...given }], { expect }) => {
    const { error, workflowId } = await ended(name, given);
    const { outcome, sentence } = outcomeIn(error);
    expect({ kind: outcome.kind, sentence }).toEqual({
      kind,
      sentence: typeof says === "string" ? says : expect.stringMatching(says),
    });
    expect(error.cause).toMatchObject({ type: "DagFailed", message: `${name} failed: ${sentence}` });
    const described = await fleet.run("describe", workflowId);
    expect(described.stdout).toContain(`${name}, attempt 1: ${sentence}   (${kind}: slipway explain ${kind})`);
    expect(await told(workflowId, "attempt.finished")).toMatchObject({ outcome: { kind, message: sentence } });
  },
);

test.concurrent.for(Object.entries(BY_THE_RUN))(
  "outcome - decided by the run: %s",
  { timeout: 120_000 },
  async ([name, { kind, says, ...given }], { expect }) => {
    const { error, workflowId } = await ended(name, given);
    expect(outcomeIn(error)).toMatchObject({ outcome: { kind }, sentence: says });
    expect(error.cause).toMatchObject({ type: "DagFailed", message: `${name} failed: ${says}` });
    expect(rowOf(name, await fleet.run("describe", workflowId))).toBe(`${name} failed 1 [${kind}] ${says}`);
    expect(await told(workflowId, "task.finished")).toMatchObject({ state: "failed", kind, message: says });
  },
);

test.concurrent("outcome - cancelled with its run", { timeout: 120_000 }, async ({ expect }) => {
  const meanwhile = async (_pod: string, run: WorkflowHandle) => await run.cancel();
  const { error, workflowId } = await ended("cancelled", { task: patient, meanwhile });
  // To Temporal no failure: of a run that closes so, it keeps nothing but that.
  expect(error.cause).toBeInstanceOf(CancelledFailure);
  expect(error.cause?.message).toBe("Workflow canceled");
  const described = await fleet.run("describe", workflowId);
  expect(rowOf("cancelled", described)).toBe("cancelled failed 1 [cancelled] the run was cancelled");
  expect(described.stdout).toContain("cancelled, attempt 1: cancelled   (cancelled: slipway explain cancelled)");
  expect(await told(workflowId, "attempt.finished")).toMatchObject({
    outcome: { kind: "cancelled", message: "cancelled" },
  });
  const task = { state: "failed", kind: "cancelled", message: "the run was cancelled" };
  expect(await told(workflowId, "task.finished")).toMatchObject(task);
  expect(await told(workflowId, "run.finished")).toMatchObject({ state: "cancelled" });
});

async function ended(name: string, { task, meanwhile }: Pick<Case, "task" | "meanwhile">) {
  const workflowId = `outcome-${name}`;
  const handle = await fleet.temporal.workflow.start("runPod", {
    taskQueue: fleet.installation,
    workflowId,
    args: [{ name, task }],
  });
  const failure = handle.result().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (meanwhile !== undefined) await meanwhile(await runningPod(name), handle);
  const error = await failure;
  if (!(error instanceof WorkflowFailedError)) throw new Error("the run did not fail", { cause: error });
  return { error, workflowId };
}

function outcomeIn({ cause }: WorkflowFailedError): { outcome: { kind: string }; sentence: string } {
  const details: unknown = cause !== undefined && "details" in cause ? cause.details : undefined;
  const [outcome] = Array.isArray(details) ? details : [];
  return { outcome, sentence: outcome?.message };
}

/** A task's line under Tasks, its columns one space apart. */
function rowOf(task: string, { stdout }: { readonly stdout: string }): string | undefined {
  const lines = stdout.split("\n").map((line) => line.replaceAll(/ +/g, " "));
  return lines.find((line) => line.startsWith(`${task} failed 1`));
}

async function runningPod(task: string): Promise<string> {
  const selector = { namespace: fleet.namespace, labelSelector: `slipway.dev/task=${task}` };
  return await eventually(`the pod of ${task} runs`, async () => {
    const { items } = await fleet.pods.listNamespacedPod(selector);
    return items.find(({ status }) => status?.phase === "Running")?.metadata?.name;
  });
}

/** The body of the run's first event of this type. */
async function told(workflowId: string, type: string): Promise<unknown> {
  const { stdout } = await fleet.run("events", workflowId, "-o", "json");
  const events: { type: string; data: unknown }[] = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  return events.find((event) => event.type === `dev.slipway.${type}`)?.data;
}
