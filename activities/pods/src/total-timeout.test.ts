import { isJsonObject, podName } from "@slipway/dag";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { podManifest } from "./manifest.ts";
import { openPods, type Pods } from "./pods.ts";
import { type AttemptInput, runAttempt } from "./run-attempt.ts";
import { ApiDouble } from "./testing/api-double.ts";
import type { running } from "./testing/pods.ts";
import { anAttempt, aSpec, NODE, statusOf, terminated } from "./testing/pods.ts";
import { eventually, MemoryEvents, memoryLog, MemoryLogs } from "./testing/sinks.ts";

const NAMESPACE = "ns";
const SETTINGS = { installation: "slipway", temporalNamespaceId: "t", namespace: NAMESPACE };
const NAME = podName(anAttempt());
/** The double stamps every pod with 10:00:00. */
const CREATED = Date.parse("2026-11-22T10:00:00Z");
const spec = aSpec({ timeout: { totalMs: 60_000, attemptMs: 50_000, scheduleMs: 3_600_000, startMs: 1_800_000 } });

let double: ApiDouble;
let pods: Pods;
beforeEach(async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  double = await ApiDouble.start();
  pods = openPods(double.connect(), SETTINGS, memoryLog());
});
afterEach(async () => {
  vi.restoreAllMocks();
  await pods.close();
  await double.close();
});

function start(now: number, more: Partial<AttemptInput> = {}) {
  const input = { ref: anAttempt(), hop: 0, spec, activityAttempt: 1, ...more };
  return runAttempt(pods, input, {
    logs: new MemoryLogs(),
    events: new MemoryEvents(),
    heartbeat: () => undefined,
    isCurrent: async () => true,
    signal: new AbortController().signal,
    now: () => now,
  });
}

/** The pod that an earlier watcher made and nobody saw end. */
function stands(main: typeof running): void {
  const manifest = podManifest(anAttempt(), spec, SETTINGS);
  const { metadata } = manifest;
  if (!isJsonObject(metadata)) throw new Error("metadata");
  double.put({ ...manifest, spec: { nodeName: NODE }, metadata, status: statusOf(main) });
}

test("timeout.total ends the try that is running, counted from the task's first pod", async () => {
  const first = start(CREATED + 62_000);
  await eventually(() => double.names.length > 0);
  double.status(NAMESPACE, NAME, statusOf({ running: { startedAt: "2026-11-22T10:00:40Z" } }));
  expect(await first).toMatchObject({
    outcome: { kind: "timeout", which: "total", message: "not done within timeout.total (1m)" },
    total: { since: CREATED, elapsedMs: 62_000 },
  });
});

test("timeout.total, a later try: the first pod's time counts; the earlier of two limits is told", async () => {
  const since = CREATED - 30_000;
  stands({ running: { startedAt: "2026-11-22T10:00:01Z" } });
  expect(await start(CREATED + 32_000, { since })).toMatchObject({
    outcome: { which: "total" },
    total: { since, elapsedMs: 62_000 },
  });
  expect(await start(CREATED + 55_000, { since: CREATED })).toMatchObject({ outcome: { which: "attempt" } });
});

test("timeout.total that is over before a pod is made: none is made; one that was made is judged by its own end", async () => {
  expect(await start(CREATED, { since: CREATED - 61_000 })).toEqual({
    outcome: { kind: "timeout", which: "total", message: "not done within timeout.total (1m)" },
  });
  expect(double.names).toEqual([]);
  stands(terminated(0));
  expect(await start(CREATED, { since: CREATED - 61_000 })).toMatchObject({ outcome: { kind: "succeeded" } });
});

test("without a limit nothing is told of the time", async () => {
  stands(terminated(0));
  expect(await start(CREATED + 10_000, { spec: aSpec() })).not.toHaveProperty("total");
});
