import fc from "fast-check";
import { expect, test } from "vitest";
import { type AttemptRef, isDagName, isRunId, isTaskName, runIdOf, workflowIdOf } from "./ids.ts";
import { installationNames, podsTaskQueue } from "./installation.ts";
import { labelValue, podAnnotations, podLabels, podName } from "./names.ts";
import { eventSubject, logFilter, logSubject, streamSubjects, subjectToken } from "./subjects.ts";

function ref(task = "passing-task", run = "r1", dag = "kubernetes_sample"): AttemptRef {
  if (!isTaskName(task) || !isRunId(run) || !isDagName(dag)) throw new Error("not a name");
  return {
    installation: "slipway",
    chain: { workflowId: `dag/${dag}/${run}`, firstExecutionRunId: "0190" },
    dag,
    run,
    task,
    attempt: 2,
  };
}

test("names - every outside name, from one builder", () => {
  expect({
    pod: podName(ref()),
    labels: podLabels(ref(), "ns-id"),
    annotations: podAnnotations(ref()),
    log: logSubject(ref(), "main"),
    innerLog: logSubject({ ...ref(), index: 3 }, "main", "inner"),
    event: eventSubject(ref(), "attempt.finished"),
    runEvent: eventSubject({ installation: "slipway", dag: ref().dag, run: ref().run }, "run.started"),
    runLogs: logFilter({ installation: "slipway", dag: "-", run: "a run/1" }),
    streams: streamSubjects("slipway", "log"),
    names: installationNames("slipway"),
    queue: podsTaskQueue("slipway"),
    workflow: workflowIdOf(ref().dag, "r1"),
  }).toMatchInlineSnapshot(`
    {
      "annotations": {
        "slipway.dev/attempt-key": "["slipway","dag/kubernetes_sample/r1","0190","passing-task",null,2]",
        "slipway.dev/dag": "kubernetes_sample",
        "slipway.dev/first-execution-run-id": "0190",
        "slipway.dev/run": "r1",
        "slipway.dev/task": "passing-task",
        "slipway.dev/workflow-id": "dag/kubernetes_sample/r1",
      },
      "event": "slipway.event.kubernetes_sample.r1.passing-task.-.attempt.finished",
      "innerLog": "slipway.in.log.kubernetes_sample.r1.passing-task.3.2.main",
      "labels": {
        "slipway.dev/attempt": "2",
        "slipway.dev/dag": "kubernetes_sample",
        "slipway.dev/index": "",
        "slipway.dev/installation": "slipway",
        "slipway.dev/run": "r1",
        "slipway.dev/task": "passing-task",
        "slipway.dev/temporal-namespace-id": "ns-id",
      },
      "log": "slipway.log.kubernetes_sample.r1.passing-task.-.2.main",
      "names": {
        "dagBucket": "SLIPWAY_DAGS",
        "eventStream": "SLIPWAY_EVENTS",
        "logStream": "SLIPWAY_LOGS",
        "messageQueue": "slipway-messages",
        "outputBucket": "SLIPWAY_OUTPUTS",
        "subjectRoot": "slipway",
        "taskQueue": "slipway",
      },
      "pod": "passing-task-2-e56f8fb765ec256b",
      "queue": "slipway-pods-default",
      "runEvent": "slipway.event.kubernetes_sample.r1.-.-.run.started",
      "runLogs": "slipway.log.-.a=20run=2F1.*.*.*.*",
      "streams": {
        "inner": "slipway.in.log.>",
        "public": "slipway.log.>",
      },
      "workflow": "dag/kubernetes_sample/r1",
    }
  `);
});

test("names - the run is the last part of our own workflow ids, any other id whole", () => {
  const { dag } = ref();
  expect(runIdOf("dag/kubernetes_sample/r1", dag)).toBe("r1");
  expect(runIdOf("dag/other/r1", dag)).toBe("dag/other/r1");
  expect(runIdOf("dag/kubernetes_sample/", dag)).toBe("dag/kubernetes_sample/");
  expect(runIdOf("my id", dag)).toBe("my id");
});

test("names - a pod's name is a DNS label, and differs for each attempt", () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,47}$/),
      fc.string({ minLength: 1, maxLength: 100 }),
      (task, run) => {
        const one = ref(task, run);
        expect(podName(one)).toMatch(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);
        expect(podName({ ...one, attempt: 3 })).not.toBe(podName(one));
        expect(podName({ ...one, chain: { ...one.chain, firstExecutionRunId: "other" } })).not.toBe(podName(one));
      },
    ),
  );
});

test("names - any id becomes a label value, ordinary ones unchanged", () => {
  expect(labelValue("2026-11-22T10_00")).toBe("2026-11-22T10_00");
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 0, maxLength: 300 }), (id) => {
      expect(labelValue(id)).toMatch(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/);
    }),
  );
});

test("names - any id becomes one subject token of at most 64, and different ids stay different", () => {
  expect(subjectToken("-")).toBe("=2D");
  expect(subjectToken("a.b *>é")).toBe("a=2Eb=20=2A=3E=C3=A9");
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", minLength: 1, maxLength: 200 }),
      fc.string({ unit: "binary", minLength: 1, maxLength: 200 }),
      (a, b) => {
        expect(subjectToken(a)).toMatch(/^[A-Za-z0-9_=~-]{1,64}$/);
        if (a !== b) expect(subjectToken(a)).not.toBe(subjectToken(b));
      },
    ),
  );
});
