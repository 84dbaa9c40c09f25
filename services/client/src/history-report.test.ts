import { defaultPayloadConverter } from "@temporalio/common";
import { temporal } from "@temporalio/proto";
import { expect, test } from "vitest";
import { factsOf } from "./attempts.ts";
import type { HistoryEvent } from "./history.ts";
import { reportFromFacts } from "./history-report.ts";

const payloads = (value: unknown) => ({ payloads: [defaultPayloadConverter.toPayload(value)] });
const at = (seconds: number) => ({ seconds, nanos: 0 });
const historyOf = (events: readonly object[]): readonly HistoryEvent[] =>
  events.map((event) => temporal.api.history.v1.HistoryEvent.fromObject(event));

const PREPARED = {
  installation: "slipway",
  compiled: {
    dag: "etl",
    tasks: [
      { kind: "noop", name: "start", after: [] },
      { kind: "pod", name: "load", after: ["start"] },
      { kind: "pod", name: "report", after: ["load"] },
    ],
  },
};
const POD = { namespace: "default", name: "load-1-x", uid: "u" };
const FAILED = { kind: "exit", message: "exit code 3", exitCode: 3, evidence: { reason: "Error" } };

function schedule(eventId: number, task: string, attempt: number, index?: number): object {
  return {
    eventId,
    eventTime: at(eventId),
    activityTaskScheduledEventAttributes: {
      activityId: `${task}${index === undefined ? "" : `[${index}]`}.${attempt}`,
      activityType: { name: "runPod" },
      input: payloads({ ref: { task, attempt, ...(index !== undefined && { index }) }, hop: 0, spec: {} }),
    },
  };
}
function complete(eventId: number, scheduledEventId: number, result: unknown): object {
  return {
    eventId,
    eventTime: at(eventId),
    activityTaskCompletedEventAttributes: { scheduledEventId, result: payloads(result) },
  };
}

const EVENTS: readonly object[] = [
  { eventId: 1, workflowExecutionStartedEventAttributes: { input: payloads({ dag: {} }) } },
  complete(4, 3, PREPARED),
  schedule(5, "load", 1),
  complete(7, 5, { outcome: FAILED, pod: POD }),
  schedule(9, "load", 2),
];

test("history - the attempts, with outcome and pod, as they were scheduled", () => {
  const { attempts, prepared } = factsOf(historyOf(EVENTS));
  expect(prepared?.tasks.map(({ name }) => name)).toEqual(["start", "load", "report"]);
  expect(attempts).toEqual([
    {
      task: "load",
      attempt: 1,
      activityId: "load.1",
      state: "ended",
      scheduledAt: new Date(5000),
      endedAt: new Date(7000),
      outcome: FAILED,
      pod: POD,
    },
    { task: "load", attempt: 2, activityId: "load.2", state: "scheduled", scheduledAt: new Date(9000) },
  ]);
});

test("history - a report of an open run: what was recorded, nothing decided", () => {
  expect(reportFromFacts(factsOf(historyOf(EVENTS)), "running")).toEqual({
    state: "running",
    tasks: {
      start: { state: "waiting", attempts: 0 },
      load: { state: "running", attempts: 2 },
      report: { state: "waiting", attempts: 0 },
    },
    outputs: {},
  });
  const between = reportFromFacts(factsOf(historyOf(EVENTS.slice(0, -1))), "running");
  expect(between.tasks["load"]).toEqual({ state: "retrying", attempts: 1, kind: "exit", message: "exit code 3" });
});

test("history - a terminated run: what had not ended is failed, what had not begun is skipped", () => {
  expect(reportFromFacts(factsOf(historyOf(EVENTS)), "failed").tasks).toEqual({
    start: { state: "skipped", attempts: 0, reason: "not started" },
    load: { state: "failed", attempts: 2, message: "the run ended first" },
    report: { state: "skipped", attempts: 0, reason: "not started" },
  });
});

test("history - before prepareRun has answered a run is queued", () => {
  expect(reportFromFacts(factsOf(historyOf(EVENTS.slice(0, 1))), "running")).toEqual({
    state: "queued",
    tasks: {},
    outputs: {},
  });
});

test("history - a watcher that failed for good, a cancelled one, and payloads of others do not disturb", () => {
  const failure = { message: "Activity task failed", cause: { message: "forbidden" } };
  const events: readonly object[] = [
    schedule(5, "a", 1),
    { eventId: 6, eventTime: at(6), activityTaskFailedEventAttributes: { scheduledEventId: 5, failure } },
    schedule(7, "b", 1),
    { eventId: 8, eventTime: at(8), activityTaskCanceledEventAttributes: { scheduledEventId: 7 } },
    {
      eventId: 9,
      activityTaskScheduledEventAttributes: { activityType: { name: "runPod" }, input: payloads("no object") },
    },
    complete(10, 9, { outcome: 1 }),
    complete(11, 99, undefined),
  ];
  expect(factsOf(historyOf(events)).attempts.map(({ task, state, trouble }) => [task, state, trouble])).toEqual([
    ["a", "ended", "forbidden"],
    ["b", "ended", "cancelled"],
  ]);
});

test("history - items of a task with forEach are told apart, by their positions", () => {
  const events = [
    complete(4, 3, PREPARED),
    schedule(5, "load", 1, 1),
    schedule(6, "load", 1, 0),
    complete(7, 5, { outcome: FAILED, pod: POD }),
    schedule(8, "load", 2, 1),
  ];
  expect(reportFromFacts(factsOf(historyOf(events)), "running").tasks["load"]).toEqual({
    state: "running",
    attempts: 0,
    counts: { running: 2 },
    items: [
      { index: 0, key: "0", state: "running", attempts: 1 },
      { index: 1, key: "1", state: "running", attempts: 2 },
    ],
  });
});
