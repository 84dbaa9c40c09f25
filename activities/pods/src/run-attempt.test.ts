import { isJsonObject, LogFenced, podName } from "@slipway/dag";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { namespaceOf, podManifest } from "./manifest.ts";
import { openPods, type Pods } from "./pods.ts";
import { type AttemptInput, type Heartbeat, runAttempt } from "./run-attempt.ts";
import { type StopReason, WatchStopped } from "./stop.ts";
import { ApiDouble } from "./testing/api-double.ts";
import { anAttempt, aSpec, NODE, running, statusOf, terminated, waiting } from "./testing/pods.ts";
import { eventually, MemoryEvents, memoryLog, MemoryLogs } from "./testing/sinks.ts";

const NAMESPACE = "ns";
const SETTINGS = { installation: "slipway", temporalNamespaceId: "t", namespace: NAMESPACE };
const NAME = podName(anAttempt());

let double: ApiDouble;
let pods: Pods;
let logs: MemoryLogs;
let events: MemoryEvents;

beforeEach(async () => {
  // Backoff without its jitter: 0.1 s.
  vi.spyOn(Math, "random").mockReturnValue(0);
  double = await ApiDouble.start();
  pods = openPods(double.connect(), SETTINGS, memoryLog());
  logs = new MemoryLogs();
  events = new MemoryEvents();
  double.onLog = (query, answer) => {
    answer.write("2026-11-22T10:00:03.000000001Z hello world\n");
    if (query.get("follow") !== "true") answer.end();
  };
});
afterEach(async () => {
  vi.restoreAllMocks();
  await pods.close();
  await double.close();
});

function start(
  over: Partial<AttemptInput> = {},
  now = () => Date.parse("2026-11-22T10:00:04Z"),
  isCurrent = async () => true,
) {
  const stop = new AbortController();
  const beats: (Heartbeat | undefined)[] = [];
  const input = { ref: anAttempt(), hop: 0, spec: aSpec(), activityAttempt: 1, ...over };
  const heartbeat = (details?: Heartbeat) => beats.push(details);
  const done = runAttempt(pods, input, {
    logs,
    events,
    heartbeat,
    isCurrent,
    signal: stop.signal,
    now,
  });
  done.catch(() => undefined);
  return { done, beats, stop: (reason: StopReason) => stop.abort(reason) };
}

const created = async () => await eventually(() => double.names.includes(`${NAMESPACE}/${NAME}`));
function schedule(): void {
  const pod = double.pod(NAMESPACE, NAME);
  double.put({ ...pod, spec: { nodeName: NODE, terminationGracePeriodSeconds: 30 } });
}
const status = (...args: Parameters<typeof statusOf>) => double.status(NAMESPACE, NAME, statusOf(...args));
const posts = () => double.requests.filter((line) => line.startsWith("POST")).length;
const deletes = () => double.requests.filter((line) => line.startsWith("DELETE")).length;

/** What an earlier watcher left. */
function leftBehind(uid = "u-1"): void {
  const manifest = podManifest(anAttempt(), aSpec(), SETTINGS);
  const { metadata } = manifest;
  if (!isJsonObject(metadata)) throw new Error("metadata");
  double.put({ ...manifest, spec: { nodeName: NODE }, metadata: { ...metadata, uid } });
}

test("one attempt: created, started, its log, its outcome; the pod stays for the release", async () => {
  const { done, beats } = start();
  await created();
  await eventually(() => beats.length > 0);
  schedule();
  status(waiting("ContainerCreating"), { phase: "Pending" });
  status(running);
  await eventually(() => logs.texts("main").length === 1);
  status(terminated(3), { phase: "Running" });
  expect(await done).toEqual({
    outcome: {
      kind: "exit",
      exitCode: 3,
      message: "exit code 3",
      evidence: { reason: "Error" },
      startedAt: "2026-11-22T10:00:02Z",
      finishedAt: "2026-11-22T10:00:05Z",
    },
    pod: { namespace: NAMESPACE, name: NAME, uid: `uid-of-${NAME}`, node: NODE },
  });
  expect(beats[0]).toEqual({ uid: `uid-of-${NAME}`, name: NAME, namespace: NAMESPACE, phase: "Pending" });
  expect(events.types).toEqual(["attempt.created", "attempt.scheduled", "attempt.started", "attempt.finished"]);
  expect(logs.of("main").end).toBeUndefined();
  expect([posts(), deletes()]).toEqual([1, 0]);
});

test("a create whose answer was lost is adopted, not repeated", async () => {
  leftBehind();
  status(running);
  const { done, beats } = start();
  await eventually(() => beats.length > 0);
  status(terminated(0));
  expect((await done).outcome.kind).toBe("succeeded");
  expect((await done).pod?.uid).toBe("u-1");
});

test("woken: a task that was handed over while this worker slept, its attempt another's by now: no pod is made", async () => {
  await expect(start({}, undefined, async () => false).done).rejects.toThrow("let-go");
  expect([posts(), deletes(), events.types]).toEqual([0, 0, []]);
});

test("a finished pod that is being deleted keeps its verdict", async () => {
  leftBehind();
  double.status(NAMESPACE, NAME, statusOf(terminated(7)), { deletionTimestamp: "2026-11-22T10:00:06Z" });
  expect((await start().done).outcome).toMatchObject({ kind: "exit", exitCode: 7 });
});

test("a pod of somebody else under the name is an error that says so", async () => {
  double.put({ metadata: { name: NAME, namespace: NAMESPACE } });
  await expect(start().done).rejects.toThrow(`another pod, not of this attempt, has the name ${NAMESPACE}/${NAME}`);
});

test("known by its uid and gone, or replaced: lost, and no second pod is made", async () => {
  const known = { uid: "u-1" };
  expect((await start({ known, activityAttempt: 2 }).done).outcome.kind).toBe("lost");
  leftBehind("u-2");
  expect((await start({ known, activityAttempt: 2 }).done).outcome.kind).toBe("lost");
  expect(posts()).toBe(0);
});

test("a pod that vanishes under the watcher is lost, and its log says that it is not whole", async () => {
  const { done } = start();
  await created();
  schedule();
  status(running);
  await eventually(() => logs.texts("main").length === 1);
  double.remove(NAMESPACE, NAME);
  double.cutConnections();
  await expect(done).resolves.toMatchObject({ outcome: { kind: "lost" } });
  expect(logs.of("main").end).toMatchObject({ complete: false });
  expect(logs.of("main").gaps).toHaveLength(1);
  expect(events.types.slice(-3)).toEqual(["log.gap", "log.ended", "attempt.finished"]);
});

test("a verdict and the pod's end in one breath: the verdict counts", async () => {
  const { done } = start();
  await created();
  schedule();
  status(running);
  await eventually(() => logs.texts("main").length === 1);
  status(terminated(0));
  double.remove(NAMESPACE, NAME);
  await expect(done).resolves.toMatchObject({ outcome: { kind: "succeeded" } });
});

test("a quota that our own pod fills refuses its repeated create: the pod is adopted", async () => {
  leftBehind();
  status(running);
  double.faults.push({ match: /^POST/, status: 403 });
  const { done, beats } = start();
  await eventually(() => beats.length > 0);
  status(terminated(0));
  expect(await done).toMatchObject({ outcome: { kind: "succeeded" }, pod: { uid: "u-1" } });
});

test.each([403, 422, 400, 404])("a create refused for good (%i) is an outcome in the server's words", async (code) => {
  double.faults.push({ match: /^POST/, status: code });
  expect((await start().done).outcome).toEqual({
    kind: "rejected",
    message: `the API server refused the pod: the double says ${code}`,
  });
  expect(events.types).toEqual(["attempt.finished"]);
});

test("a create that fails for the moment is tried again; one that keeps failing is thrown, not an outcome", async () => {
  for (const code of [503, 500]) double.faults.push({ match: /^POST/, status: code });
  const { done } = start();
  await created();
  schedule();
  status(terminated(0));
  expect((await done).outcome.kind).toBe("succeeded");
  for (let i = 0; i < 6; i++) double.faults.push({ match: /^POST/, status: 503 });
  const again = start({ ref: anAttempt({ attempt: 2 }) });
  await expect(again.done).rejects.toMatchObject({ fault: { kind: "unavailable" } });
}, 40_000);

test("timeout.attempt gives the outcome and leaves the pod alone", async () => {
  let now = Date.parse("2026-11-22T10:00:03Z");
  const { done } = start({ spec: aSpec({ timeout: { attemptMs: 200, scheduleMs: 1e6, startMs: 1e6 } }) }, () => now);
  await created();
  schedule();
  status(running);
  await eventually(() => logs.texts("main").length === 1);
  now += 500;
  expect((await done).outcome).toMatchObject({ kind: "timeout", which: "attempt" });
  expect(deletes()).toBe(0);
});

test("cancel: the pod is deleted with its grace, waited for, and its last lines are carried", async () => {
  const { done, stop } = start();
  await created();
  schedule();
  status(running);
  await eventually(() => logs.texts("main").length === 1);
  double.onLog = (_query, answer) =>
    answer.end("2026-11-22T10:00:03.000000001Z hello world\n2026-11-22T10:00:04.000000001Z caught SIGTERM\n");
  stop({ kind: "cancel" });
  await eventually(() => deletes() === 1);
  status(terminated(143));
  // This kubelet never ends the follow that is open: the carrier lets go of it.
  await eventually(() => logs.of("main").end);
  double.remove(NAMESPACE, NAME);
  expect((await done).outcome).toEqual({ kind: "cancelled", message: "cancelled" });
  expect(logs.texts("main")).toEqual(["hello world", "caught SIGTERM"]);
});

test("cancelled before there is a pod", async () => {
  for (let i = 0; i < 6; i++) double.faults.push({ match: /^POST/, status: 503 });
  const { done, stop } = start();
  stop({ kind: "cancel" });
  expect(await done).toEqual({ outcome: { kind: "cancelled", message: "cancelled before its pod was made" } });
});

test.each(["hand-off", "let-go"] as const)(
  "%s: flushes, closes, touches nothing; the next watcher goes on",
  async (kind) => {
    const first = start();
    await created();
    schedule();
    status(running);
    await eventually(() => logs.texts("main").length === 1);
    first.stop({ kind });
    await expect(first.done).rejects.toEqual(new WatchStopped({ kind }));
    const second = start({ activityAttempt: 2, known: { uid: `uid-of-${NAME}` } });
    await eventually(() => second.beats.length > 0);
    status(terminated(0));
    expect((await second.done).outcome.kind).toBe("succeeded");
    expect(logs.texts("main")).toEqual(["hello world"]);
    expect([posts(), deletes()]).toEqual([1, 0]);
    expect(events.types).toEqual(["attempt.created", "attempt.scheduled", "attempt.started", "attempt.finished"]);
  },
);

test("a later watcher has taken over: nothing more is published or deleted", async () => {
  const { done, stop } = start();
  logs.faults.open.push(new LogFenced());
  await created();
  schedule();
  status(running);
  await eventually(() => logs.faults.open.length === 0);
  stop({ kind: "cancel" });
  await expect(done).rejects.toEqual(new WatchStopped({ kind: "fenced" }));
  expect(deletes()).toBe(0);
  expect(events.types).not.toContain("attempt.finished");
});

test("a missing image ends the attempt at once; a passing fault is told as blocked, once", async () => {
  const { done } = start();
  await created();
  schedule();
  for (let i = 0; i < 3; i++) {
    status(waiting("ErrImagePull", "i/o timeout"), { phase: "Pending" });
    await eventually(() => events.types.includes("attempt.blocked"));
  }
  status(waiting("ErrImagePull", "not found"), { phase: "Pending" });
  expect((await done).outcome).toMatchObject({
    kind: "image",
    message: "image slipway.local/busybox:1 does not exist in its registry",
  });
  expect(events.types.filter((type) => type === "attempt.blocked")).toHaveLength(1);
});

test("events and logs that cannot be delivered do not fail the attempt", async () => {
  events.faults.push(...Array.from({ length: 50 }, () => new Error("NATS is away")));
  logs.faults.open.push(...Array.from({ length: 50 }, () => new Error("NATS is away")));
  const { done } = start();
  await created();
  schedule();
  status(running);
  status(terminated(0));
  expect((await done).outcome.kind).toBe("succeeded");
}, 20_000);

test("each container has its own log: init, sidecar and main side by side", async () => {
  double.onLog = (query, answer) => {
    answer.write(`2026-11-22T10:00:03.000000001Z from ${query.get("container")}\n`);
    if (query.get("follow") !== "true") answer.end();
  };
  const { done } = start();
  await created();
  schedule();
  const side = [
    { name: "main", restartCount: 0, state: running },
    { name: "proxy", restartCount: 0, state: running },
  ];
  status(running, {
    initContainerStatuses: [{ name: "fetch", restartCount: 0, state: terminated(0) }],
    containerStatuses: side,
  });
  await eventually(() => ["fetch", "main", "proxy"].every((name) => logs.texts(name).length === 1));
  await eventually(() => logs.of("fetch").end?.complete === true);
  status(terminated(0), {
    containerStatuses: [
      { name: "main", state: terminated(0) },
      { name: "proxy", state: running },
    ],
  });
  expect((await done).outcome.kind).toBe("succeeded");
  expect(namespaceOf({}, SETTINGS)).toBe(NAMESPACE);
});
