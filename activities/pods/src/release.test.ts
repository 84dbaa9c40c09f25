import type { ServerResponse } from "node:http";
import { isJsonObject, type JsonObject, type Keep, LogFenced, podName } from "@slipway/dag";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { podManifest } from "./manifest.ts";
import { openPods, type Pods } from "./pods.ts";
import { releaseAttempts } from "./release.ts";
import { WatchStopped } from "./stop.ts";
import { ApiDouble } from "./testing/api-double.ts";
import { anAttempt, aSpec, NODE, running, statusOf, terminated, waiting } from "./testing/pods.ts";
import { eventually, MemoryEvents, memoryLog, MemoryLogs } from "./testing/sinks.ts";

const NAMESPACE = "ns";
const SETTINGS = { installation: "slipway", temporalNamespaceId: "t", namespace: NAMESPACE };

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
  double.onLog = (_query, answer) => answer.end("2026-11-22T10:00:03.000000001Z hello world\n");
});
afterEach(async () => {
  vi.restoreAllMocks();
  await pods.close();
  await double.close();
});

function release(attempts = [1], stop = new AbortController(), more: { readonly keep?: Keep } = {}) {
  const refs = attempts.map((attempt) => ({ ref: anAttempt({ attempt }), ...more }));
  return releaseAttempts(pods, { hop: 0, activityAttempt: 1, attempts: refs }, portsOf(stop));
}

/** `uid` of the pod that was told to have been made. */
function portsOf(stop = new AbortController(), uid?: string) {
  const { signal } = stop;
  return { logs, events, createdPod: async () => uid, heartbeat: () => undefined, signal, now: () => Date.now() };
}

function stands(attempt: number, ...status: Parameters<typeof statusOf>): string {
  const manifest = podManifest(anAttempt({ attempt }), aSpec(), SETTINGS);
  double.put({ ...manifest, spec: { nodeName: NODE, terminationGracePeriodSeconds: 30 }, status: statusOf(...status) });
  return podName(anAttempt({ attempt }));
}

const at = (pattern: RegExp) => double.requests.findIndex((line) => pattern.test(line));

test("a finished pod: its log is read to the end, then it is deleted, then both are told", async () => {
  stands(1, terminated(1), { phase: "Failed" });
  await release();
  expect(logs.texts("main")).toEqual(["hello world"]);
  expect(logs.of("main").end).toMatchObject({ complete: true });
  expect(double.names).toEqual([]);
  expect(at(/\/log/)).toBeLessThan(at(/^DELETE/));
  expect(events.types).toEqual(["log.ended", "pod.deleted"]);
});

test("mainContainer: the log that must be read before the pod goes is that container's", async () => {
  const manifest = podManifest(anAttempt(), aSpec({ mainContainer: "job" }), SETTINGS);
  const job = { name: "job", restartCount: 0, state: terminated(0) };
  const status = statusOf(running, {
    containerStatuses: [job, { name: "main", restartCount: 0, state: running }],
  });
  double.put({ ...manifest, spec: { nodeName: NODE, terminationGracePeriodSeconds: 30 }, status });
  const done = release();
  await eventually(() => at(/^DELETE/) > 0);
  expect(logs.of("job").end).toMatchObject({ complete: true });
  double.remove(NAMESPACE, podName(anAttempt()));
  await done;
});

test("released twice, or never made: nothing more happens", async () => {
  stands(1, terminated(0));
  await release();
  const before = double.requests.length;
  await release();
  expect(double.requests.slice(before)).toEqual([`GET /api/v1/namespaces/${NAMESPACE}/pods/${podName(anAttempt())}`]);
  expect(events.types).toEqual(["log.ended", "pod.deleted"]);
});

test.each([
  ["killed after its delete: whoever repeats it tells it", { activityAttempt: 2 }, "uid", ["pod.deleted"]],
  ["in a later hop: the same", { hop: 1 }, "uid", ["pod.deleted"]],
  ["repeated, of a pod that was never made: nothing is told", { activityAttempt: 2 }, undefined, []],
  ["of a pod that was gone before: nothing is told", {}, "uid", []],
])("a release %s", async (_, more, uid, told) => {
  const input = { hop: 0, activityAttempt: 1, attempts: [{ ref: anAttempt() }], ...more };
  await releaseAttempts(pods, input, portsOf(undefined, uid));
  expect(events.types).toEqual(told);
});

test("a cancelled attempt whose watcher died: the release tells its end, of a pod that stands or is gone", async () => {
  stands(1, terminated(143));
  const input = { hop: 0, activityAttempt: 1, attempts: [{ ref: anAttempt(), cancelled: true as const }] };
  await releaseAttempts(pods, input, portsOf());
  expect(events.types).toEqual(["attempt.finished", "log.ended", "pod.deleted"]);
  events = new MemoryEvents();
  await releaseAttempts(pods, input, portsOf(undefined, "uid"));
  expect(events.types).toEqual(["attempt.finished", "pod.deleted"]);
});

test("killed after the log's end and before the delete: the end is not written again", async () => {
  stands(1, terminated(0));
  logs.of("main").end = { lines: 9, bytes: 9, complete: true };
  await release();
  expect(logs.texts("main")).toEqual([]);
  expect(double.names).toEqual([]);
});

test("a running pod is ended first; its log follows it to the end", async () => {
  const name = stands(1, running);
  const open: ServerResponse[] = [];
  double.onLog = (_query, answer) => {
    answer.write("2026-11-22T10:00:03.000000001Z hello world\n");
    open.push(answer);
  };
  const done = release();
  await eventually(() => at(/^DELETE/) >= 0 && logs.texts("main").length === 1);
  double.status(NAMESPACE, name, statusOf(terminated(143), { phase: "Failed" } as const));
  double.onLog = (_query, answer) =>
    answer.end("2026-11-22T10:00:03.000000001Z hello world\n2026-11-22T10:00:04.000000001Z bye\n");
  for (const answer of open) answer.end();
  await done;
  expect(at(/\/log/)).toBeLessThan(at(/^DELETE/));
  expect(logs.texts("main")).toEqual(["hello world", "bye"]);
  expect(double.names).toEqual([]);
  expect(events.types).toContain("pod.deleted");
});

test("a pod whose container never started: deleted, with the end of an empty log", async () => {
  const manifest = podManifest(anAttempt(), aSpec(), SETTINGS);
  double.put({ ...manifest, spec: {}, status: statusOf(waiting("ErrImagePull", "not found"), { phase: "Pending" }) });
  await release();
  expect(double.names).toEqual([]);
  expect(logs.of("main").end).toMatchObject({ lines: 0, complete: true });
});

test("a pod of somebody else under the name is left alone", async () => {
  double.put({ metadata: { name: podName(anAttempt()), namespace: NAMESPACE } });
  await release();
  expect(double.names).toHaveLength(1);
});

test("a later watcher has taken over: nothing is published, nothing deleted", async () => {
  stands(1, terminated(0));
  logs.faults.open.push(new LogFenced());
  await release();
  expect(double.names).toHaveLength(1);
  expect(events.types).toEqual([]);
});

test("another pod writes under the same run id: this one is ended all the same", async () => {
  stands(1, terminated(0));
  logs.faults.open.push(new LogFenced("another pod", "pod"));
  await release();
  expect(double.names).toEqual([]);
});

test("a hundred at once; one that fails does not keep the others", async () => {
  const attempts = Array.from({ length: 100 }, (_, i) => i + 1);
  for (const attempt of attempts) stands(attempt, terminated(0));
  for (let i = 0; i < 6; i++)
    double.faults.push({ match: new RegExp(`^GET .*/${podName(anAttempt({ attempt: 5 }))}$`), status: 503 });
  await expect(release(attempts)).rejects.toMatchObject({ fault: { kind: "unavailable" } });
  expect(double.names).toHaveLength(1);
  await release(attempts);
  expect(double.names).toEqual([]);
}, 60_000);

test("told to stop: it lets go in the middle, and another release goes on", async () => {
  const name = stands(1, running);
  double.onLog = (_query, answer) => answer.write("2026-11-22T10:00:03.000000001Z hello world\n");
  const stop = new AbortController();
  const done = release([1], stop);
  done.catch(() => undefined);
  await eventually(() => logs.texts("main").length === 1);
  stop.abort({ kind: "hand-off" });
  await expect(done).rejects.toEqual(new WatchStopped({ kind: "hand-off" }));
  double.onLog = (_query, answer) => answer.end("2026-11-22T10:00:03.000000001Z hello world\n");
  double.status(NAMESPACE, name, statusOf(terminated(143), { phase: "Failed" } as const));
  await release();
  expect(logs.texts("main")).toEqual(["hello world"]);
  expect(logs.of("main").end).toMatchObject({ complete: true });
});

const keeping = (keep: Keep) => release([1], undefined, { keep });
const kept = () => {
  const { metadata } = double.pod(NAMESPACE, podName(anAttempt()));
  const annotations = isJsonObject(metadata) ? metadata["annotations"] : undefined;
  return isJsonObject(annotations) ? annotations["slipway.dev/keep-until"] : undefined;
};

test("a pod that is kept: its log is read to the end, and it says until when, counted from main's end", async () => {
  stands(1, terminated(1), { phase: "Failed" });
  await keeping(60_000);
  expect(logs.of("main").end).toMatchObject({ complete: true });
  expect(kept()).toBe("2026-11-22T10:01:05.000Z");
  await keeping(60_000);
  expect(kept()).toBe("2026-11-22T10:01:05.000Z");
  expect([at(/^DELETE/), events.types]).toEqual([-1, ["log.ended"]]);
  await keeping("forever");
  expect(kept()).toBe("forever");
});

test("what still runs is ended, whatever is kept: main, and a container beside it", async () => {
  const beside = { name: "proxy", restartCount: 0, state: running };
  const name = stands(1, terminated(0), {
    phase: "Running",
    containerStatuses: [{ name: "main", restartCount: 0, state: terminated(0) }, beside],
  });
  const done = keeping("forever");
  await eventually(() => at(/^DELETE/) >= 0);
  double.remove(NAMESPACE, name);
  await done;
  stands(1, running);
  const again = keeping("forever");
  await eventually(() => double.requests.filter((line) => line.startsWith("DELETE")).length === 2);
  double.remove(NAMESPACE, name);
  await again;
  expect(double.names).toEqual([]);
});

test("a native sidecar is waited for: the kubelet ends it once main is over, and then the pod is kept", async () => {
  const main = { name: "main", restartCount: 0, state: terminated(0) };
  const sidecar = (state: JsonObject) => ({
    phase: "Running",
    containerStatuses: [main],
    initContainerStatuses: [{ name: "proxy", restartCount: 0, state }],
  });
  const name = stands(1, terminated(0), sidecar(running));
  const done = keeping("forever");
  await eventually(() => logs.of("main").end !== undefined);
  double.status(NAMESPACE, name, statusOf(terminated(0), sidecar(terminated(0))));
  await done;
  expect([kept(), at(/^DELETE/)]).toEqual(["forever", -1]);
});
