import { ATTEMPT_KEY_ANNOTATION, attemptKey, isJsonObject, type TaskSpec } from "@slipway/dag";
import { expect, test } from "vitest";
import { podManifest } from "./manifest.ts";
import { anAttempt, aSpec } from "./testing/pods.ts";

const SETTINGS = { namespace: "jobs", temporalNamespaceId: "ns-id" };

function made(over: Partial<TaskSpec> = {}, ref = anAttempt()) {
  const { metadata, spec } = podManifest(ref, aSpec(over), SETTINGS);
  if (!isJsonObject(metadata) || !isJsonObject(spec)) throw new Error("no pod");
  return { metadata, spec };
}

test("a plain task: the whole manifest", () => {
  expect(podManifest(anAttempt({ index: 4 }), aSpec(), SETTINGS)).toMatchInlineSnapshot(`
    {
      "apiVersion": "v1",
      "kind": "Pod",
      "metadata": {
        "annotations": {
          "kubectl.kubernetes.io/default-container": "main",
          "slipway.dev/attempt-key": "["slipway","dag/etl/r1","11111111-1111-1111-1111-111111111111","load",4,1]",
          "slipway.dev/dag": "etl",
          "slipway.dev/first-execution-run-id": "11111111-1111-1111-1111-111111111111",
          "slipway.dev/run": "r1",
          "slipway.dev/task": "load",
          "slipway.dev/workflow-id": "dag/etl/r1",
        },
        "labels": {
          "slipway.dev/attempt": "1",
          "slipway.dev/dag": "etl",
          "slipway.dev/index": "4",
          "slipway.dev/installation": "slipway",
          "slipway.dev/run": "r1",
          "slipway.dev/task": "load",
          "slipway.dev/temporal-namespace-id": "ns-id",
        },
        "name": "load-4-1-3cc94d6c51a85f66",
        "namespace": "jobs",
      },
      "spec": {
        "automountServiceAccountToken": false,
        "containers": [
          {
            "env": [
              {
                "name": "SLIPWAY_DAG",
                "value": "etl",
              },
              {
                "name": "SLIPWAY_RUN",
                "value": "r1",
              },
              {
                "name": "SLIPWAY_TASK",
                "value": "load",
              },
              {
                "name": "SLIPWAY_INDEX",
                "value": "4",
              },
              {
                "name": "SLIPWAY_ATTEMPT",
                "value": "1",
              },
              {
                "name": "SLIPWAY_OUTPUTS",
                "value": "/dev/termination-log",
              },
            ],
            "image": "slipway.local/busybox:1",
            "name": "main",
            "terminationMessagePolicy": "FallbackToLogsOnError",
          },
        ],
        "restartPolicy": "Never",
      },
    }
  `);
});

test("the task's container is laid over pod.containers[main], beside its sidecars", () => {
  const { spec } = made({
    container: { image: "a:1", args: ["x"] },
    pod: {
      serviceAccountName: "sa",
      automountServiceAccountToken: true,
      containers: [
        { name: "proxy", image: "p:1" },
        { name: "main", image: "b:2", workingDir: "/w" },
      ],
    },
  });
  expect(spec).toMatchObject({
    serviceAccountName: "sa",
    automountServiceAccountToken: true,
    containers: [
      { name: "proxy", image: "p:1" },
      { name: "main", image: "a:1", args: ["x"], workingDir: "/w" },
    ],
  });
});

test("mainContainer: the task's fields are laid into the container of that name, and the pod says which it is", () => {
  const { metadata, spec } = made({
    mainContainer: "job",
    container: { image: "a:1", args: ["x"] },
    metadata: { annotations: { "kubectl.kubernetes.io/default-container": "forged" } },
    pod: {
      containers: [
        { name: "job", workingDir: "/w" },
        { name: "main", image: "helper:1" },
      ],
    },
  });
  expect(metadata).toMatchObject({ annotations: { "kubectl.kubernetes.io/default-container": "job" } });
  expect(spec).toMatchObject({
    containers: [
      { name: "job", image: "a:1", args: ["x"], workingDir: "/w", terminationMessagePolicy: "FallbackToLogsOnError" },
      { name: "main", image: "helper:1" },
    ],
  });
});

test("labels and annotations of the task stay, ours win", () => {
  const own = { team: "x", "slipway.dev/task": "another", [ATTEMPT_KEY_ANNOTATION]: "forged" };
  const { metadata } = made({ metadata: { labels: own, annotations: own } });
  expect(metadata).toMatchObject({
    labels: { team: "x", "slipway.dev/task": "load" },
    annotations: { team: "x", "slipway.dev/task": "load", [ATTEMPT_KEY_ANNOTATION]: attemptKey(anAttempt()) },
  });
});

test("the environment of the attempt comes first, and cannot be overwritten", () => {
  const env = [
    { name: "SLIPWAY_RUN", value: "forged" },
    { name: "A", value: "$(SLIPWAY_RUN)" },
  ];
  const { spec } = made({ container: { image: "a", env } });
  expect(spec).toMatchObject({
    containers: [
      {
        env: [
          { name: "SLIPWAY_DAG", value: "etl" },
          { name: "SLIPWAY_RUN", value: "r1" },
          { name: "SLIPWAY_TASK", value: "load" },
          { name: "SLIPWAY_INDEX", value: "" },
          { name: "SLIPWAY_ATTEMPT", value: "1" },
          { name: "SLIPWAY_OUTPUTS", value: "/dev/termination-log" },
          { name: "A", value: "$(SLIPWAY_RUN)" },
        ],
      },
    ],
  });
});

test("restartPolicy is Never, whatever the task says; its own termination message policy stays", () => {
  const { spec } = made({
    pod: { restartPolicy: "Always" },
    container: { image: "a", terminationMessagePolicy: "File" },
  });
  expect(spec).toMatchObject({ restartPolicy: "Never", containers: [{ terminationMessagePolicy: "File" }] });
});

test.each([
  [undefined, undefined, undefined],
  [1_500, undefined, 92],
  [1_500, 30, 30],
  [1_500, 9_000, 92],
  [undefined, 30, 30],
])("activeDeadlineSeconds: timeout.attempt %j, the task's own %j → %j", (attemptMs, own, expected) => {
  const timeout = { scheduleMs: 1e6, startMs: 30_000, ...(attemptMs === undefined ? {} : { attemptMs }) };
  const { spec } = made({ timeout, ...(own === undefined ? {} : { pod: { activeDeadlineSeconds: own } }) });
  expect(spec["activeDeadlineSeconds"]).toBe(expected);
});

test("activeDeadlineSeconds: timeout.total bounds it, with and without timeout.attempt", () => {
  const timeout = { scheduleMs: 1e6, startMs: 30_000, totalMs: 20_000 };
  expect(made({ timeout }).spec["activeDeadlineSeconds"]).toBe(80);
  expect(made({ timeout: { ...timeout, attemptMs: 1_000_000 } }).spec["activeDeadlineSeconds"]).toBe(80);
});
