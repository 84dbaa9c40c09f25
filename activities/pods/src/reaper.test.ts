import { type AttemptRef, podName } from "@slipway/dag";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { podManifest } from "./manifest.ts";
import { reapPods, type Standing } from "./reaper.ts";
import { AttemptWorld } from "./testing/attempt-world.ts";
import { anAttempt, aSpec, NODE, running, statusOf, terminated } from "./testing/pods.ts";
import { eventually } from "./testing/sinks.ts";

const TEN_MINUTES = 600_000;
/** Pods of the double are made at 10:00:00, and main ends at 10:00:05. */
const LATER = Date.parse("2026-11-22T10:10:05Z");

let world: AttemptWorld;
beforeEach(async () => {
  // Backoff without its jitter: 0.1 s.
  vi.spyOn(Math, "random").mockReturnValue(0);
  world = await AttemptWorld.open();
  world.double.onLog = (_query, answer) => answer.end("2026-11-22T10:00:03.000000001Z hello world\n");
});
afterEach(async () => {
  vi.restoreAllMocks();
  await world.close();
});

/** A pod of attempt `attempt`, as its own run made it. */
function stands(attempt: number, state = terminated(0), annotations: Record<string, string> = {}): string {
  const ref = anAttempt({ attempt });
  const spec = aSpec({ metadata: { annotations } });
  const { settings } = world.pods;
  const manifest = podManifest(ref, spec, { ...settings, namespace: "ns" });
  world.double.put({
    ...manifest,
    spec: { nodeName: NODE, terminationGracePeriodSeconds: 30 },
    status: statusOf(state, { phase: "terminated" in state ? "Succeeded" : "Running" }),
  });
  return `ns/${podName(ref)}`;
}

function reap(standing: Standing | ((ref: AttemptRef) => Standing), now = LATER) {
  const { logs, events } = world;
  const standingOf = async (ref: AttemptRef) => (typeof standing === "string" ? standing : standing(ref));
  const { signal } = new AbortController();
  return reapPods(world.pods, TEN_MINUTES, {
    logs,
    events,
    heartbeat: () => undefined,
    signal,
    now: () => now,
    standingOf,
    createdPod: async () => undefined,
  });
}

test("a pod that nobody waits for: its log is read to the end, then it is deleted, then both are told", async () => {
  stands(1);
  expect(await reap("over")).toEqual({ looked: 1, released: 1, failed: 0 });
  expect(world.logs.texts("main")).toEqual(["hello world"]);
  expect(world.logs.of("main").end).toMatchObject({ complete: true });
  expect([world.double.names, world.events.types]).toEqual([[], ["log.ended", "pod.deleted"]]);
});

test("one that still runs is ended with its grace", async () => {
  const name = stands(1, running);
  const done = reap("over");
  await eventually(() => world.count(/^DELETE/) === 1);
  world.double.remove("ns", name.slice("ns/".length));
  await done;
  expect(world.double.names).toEqual([]);
});

test("left alone: the young, those of open runs, of a server that does not say, and those that are kept", async () => {
  const names = [
    stands(1),
    stands(2, running),
    stands(3, terminated(0), { "slipway.dev/keep-until": "2026-11-22T10:10:06Z" }),
    stands(4, terminated(0), { "slipway.dev/keep-until": "forever" }),
    stands(5, terminated(0), { "slipway.dev/keep-until": "till I have looked at it" }),
  ];
  expect(await reap("over", LATER - 10_000)).toEqual({ looked: 0, released: 0, failed: 0 });
  const open = (ref: AttemptRef): Standing => (ref.attempt === 1 ? "unknown" : ref.attempt === 2 ? "open" : "over");
  expect(await reap(open)).toEqual({ looked: 5, released: 0, failed: 0 });
  expect([world.double.names, world.count(/^DELETE/)]).toEqual([names, 0]);
});

test("a kept pod whose log was not delivered: the log is finished, and the pod stays as long as it was to", async () => {
  const keep = { "slipway.dev/keep-until": "2026-11-22T11:00:05.000Z", "slipway.dev/log-undelivered": "true" };
  const name = stands(1, terminated(0), keep);
  expect(await reap("over")).toMatchObject({ looked: 1, released: 1 });
  expect(world.logs.of("main").end).toMatchObject({ complete: true });
  expect([world.double.names, world.count(/^DELETE/)]).toEqual([[name], 0]);
  const { metadata } = world.double.pod("ns", name.slice("ns/".length));
  expect(metadata).toMatchObject({ annotations: { "slipway.dev/keep-until": "2026-11-22T11:00:05.000Z" } });
  expect(JSON.stringify(metadata)).not.toContain("log-undelivered");
});

test("a pod that its release keeps between the list and the answer about its run: the answer was for the older view", async () => {
  const [name, left] = [stands(1), stands(2)];
  const mark = { "slipway.dev/keep-until": "2026-11-22T11:00:05.000Z" };
  const released = (ref: AttemptRef): Standing => {
    if (ref.attempt === 1) stands(1, terminated(0), mark);
    return "over";
  };
  expect(await reap(released)).toMatchObject({ looked: 2, failed: 0 });
  expect([world.double.names, world.count(/^DELETE/)]).toEqual([[name], 1]);
  expect(left).not.toBe(name);
  expect(world.double.pod("ns", name.slice("ns/".length))["metadata"]).toMatchObject({ annotations: mark });
});

test("a kept pod goes when its time is over", async () => {
  stands(1, terminated(0), { "slipway.dev/keep-until": "2026-11-22T10:10:05Z" });
  await reap("over");
  expect(world.double.names).toEqual([]);
});

test("of an attempt that its open run is done with: only what its release left, or what has been over for long", async () => {
  const late = stands(1);
  stands(2, running);
  stands(3, terminated(0, { finishedAt: "2026-11-22T10:09:00Z" }));
  const left = stands(4, terminated(0, { finishedAt: "2026-11-22T10:09:00Z" }), {
    "slipway.dev/log-undelivered": "true",
  });
  expect(await reap("settled")).toMatchObject({ looked: 4, released: 2 });
  expect(world.double.names).toHaveLength(2);
  expect(world.double.names).not.toContain(late);
  expect(world.double.names).not.toContain(left);
});

test("a pod that does not say without doubt whose it is, is nobody's to delete", async () => {
  const metadata = { name: "load-1", namespace: "ns", annotations: { "slipway.dev/attempt-key": '["slipway"]' } };
  world.double.put({ metadata, status: statusOf(terminated(0)) });
  const stolen = podManifest(anAttempt(), aSpec(), world.pods.settings);
  world.double.put({
    ...stolen,
    metadata: { ...Object(stolen["metadata"]), name: "another" },
    status: statusOf(terminated(0)),
  });
  expect(await reap("over")).toEqual({ looked: 2, released: 0, failed: 0 });
});

test("where not every namespace may be listed, its own is; every page of it", async () => {
  world.double.faults.push({ match: /\/api\/v1\/pods\?/, status: 403 });
  world.double.pageSize = 2;
  for (const attempt of [1, 2, 3]) stands(attempt);
  expect(await reap("over")).toEqual({ looked: 3, released: 3, failed: 0 });
});
