/** Attempts that something outside them holds up: what is told meanwhile, and how that ends. */
import type { JsonObject } from "@slipway/dag";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { releaseAttempts } from "./release.ts";
import { AttemptWorld } from "./testing/attempt-world.ts";
import { anAttempt, aSpec, running, statusOf, terminated, waiting } from "./testing/pods.ts";
import { eventually } from "./testing/sinks.ts";

let world: AttemptWorld;
beforeEach(async () => {
  // Backoff without its jitter: 0.1 s.
  vi.spyOn(Math, "random").mockReturnValue(0);
  world = await AttemptWorld.open();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await world.close();
});

test("what the status does not say is told in a warning's words, and a mount that cannot be ends the attempt", async () => {
  const { done } = world.start();
  await world.created();
  world.schedule();
  world.status(waiting("ContainerCreating"), { phase: "Pending" });
  const secret = 'MountVolume.SetUp failed for volume "v" : secret "nowhere" not found';
  await eventually(() => world.count(/events\?.*watch=true/) === 1);
  world.double.warn(world.namespace, world.name, "MissingClusterDNS", "falling back to the node's resolver", 1);
  world.double.warn(world.namespace, world.name, "FailedMount", secret, 1);
  world.double.warn(world.namespace, world.name, "MissingClusterDNS", "falling back", 2);
  await eventually(() => world.said("attempt.blocked"));
  expect(world.said("attempt.blocked")).toMatchObject({ reason: "FailedMount", message: secret });
  world.double.warn(world.namespace, world.name, "FailedMount", secret, 2);
  expect((await done).outcome).toEqual({
    kind: "config",
    message: 'volume v cannot be mounted: secret "nowhere" not found',
    evidence: { reason: "FailedMount", message: secret },
  });
});

/** Somebody asked for the deletion at 09:59:30 with a grace of 30 s; the node never answers. */
const ASKED = { deletionTimestamp: "2026-11-22T10:00:00Z", deletionGracePeriodSeconds: 30 };
const HOUR = aSpec({ timeout: { scheduleMs: 3_600_000, startMs: 1_000 } });
const at = (time: string) => () => Date.parse(`2026-11-22T${time}Z`);

function silentNode(): void {
  world.schedule();
  world.double.status(world.namespace, world.name, statusOf(running), ASKED);
  world.double.onLog = (_query, answer) => answer.writeHead(502).end("the kubelet does not answer");
}

test("a pod still there a minute after its grace is unreachable: it may still run, and is not deleted by force", async () => {
  const { done } = world.start({}, { now: at("10:01:00") });
  await world.created();
  silentNode();
  expect((await done).outcome).toEqual({
    kind: "unreachable",
    message: "unreachable, may still run: node node-1 has not ended the pod a minute after its grace",
    startedAt: "2026-11-22T10:00:02Z",
  });
  expect(world.count(/^DELETE/)).toBe(0);
});

test("before that minute is over it is waited for; an end that comes is the verdict", async () => {
  const { done } = world.start({}, { now: at("10:00:59") });
  await world.created();
  silentNode();
  await eventually(() => world.said("attempt.started"));
  world.double.status(
    world.namespace,
    world.name,
    statusOf(terminated(0, { finishedAt: "2026-11-22T10:00:50Z" })),
    ASKED,
  );
  expect((await done).outcome.kind).toBe("interrupted");
});

test("cancelled on a silent node: the watcher says so and lets go", async () => {
  const { done, stop } = world.start({}, { now: at("10:01:00") });
  await world.created();
  world.schedule();
  world.status(running);
  await eventually(() => world.said("attempt.started"));
  stop({ kind: "cancel" });
  await eventually(() => world.count(/^DELETE/) === 1);
  silentNode();
  const message = "cancelled; its node is silent, and its pod may still run";
  expect((await done).outcome).toEqual({ kind: "cancelled", message });
});

test("the release of such a pod does not hang: it asks again, ends the log with a gap, says so and leaves it", async () => {
  const { done } = world.start({}, { now: at("10:01:00") });
  await world.created();
  silentNode();
  await done;
  const ports = {
    logs: world.logs,
    events: world.events,
    createdPod: async () => undefined,
    heartbeat: () => undefined,
    signal: new AbortController().signal,
    now: at("10:01:00"),
  };
  await releaseAttempts(world.pods, { hop: 0, activityAttempt: 1, attempts: [{ ref: anAttempt() }] }, ports);
  const reason = "the pod's node is silent; the container may still run";
  expect(world.logs.of("main")).toMatchObject({ gaps: [reason], end: { complete: false, reason } });
  expect(world.events.types.at(-1)).toBe("pod.unreachable");
  expect(world.said("pod.unreachable")).toMatchObject({ node: "node-1" });
  expect(world.double.names).toHaveLength(1);
});

const GATED = { type: "PodScheduled", status: "False", reason: "SchedulingGated", message: "gates are not empty" };
const FULL = { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes are available" };
const behind = (condition: JsonObject) => {
  world.double.status(world.namespace, world.name, { phase: "Pending", conditions: [condition] });
};

test("behind a scheduling gate no time counts; timeout.schedule begins when the gate goes, whoever watches then", async () => {
  let now = "10:00:00";
  const clock = { now: () => at(now)() };
  const first = world.start({ spec: HOUR }, clock);
  await world.created();
  behind(GATED);
  await eventually(() => world.said("attempt.blocked"));
  expect(world.said("attempt.blocked")).toMatchObject({ reason: "SchedulingGated", message: "gates are not empty" });
  // Two hours after its creation it is let in, and finds no node.
  now = "12:00:00";
  behind(FULL);
  await eventually(() => world.events.types.filter((type) => type === "attempt.blocked").length === 2);
  first.stop({ kind: "hand-off" });
  await expect(first.done).rejects.toThrow("hand-off");
  const openedAt = at("12:00:00")();
  now = "12:59:59";
  const second = world.start({ spec: HOUR, known: { uid: `uid-of-${world.name}`, openedAt } }, clock);
  await eventually(() => second.beats.length > 1);
  expect(second.beats.at(-1)).toMatchObject({ openedAt });
  now = "13:00:00";
  behind({ ...FULL, message: "0/2 nodes are available" });
  expect((await second.done).outcome).toMatchObject({
    kind: "unschedulable",
    message: "no node within timeout.schedule (1h): 0/2 nodes are available",
  });
});

test("a watcher that has not seen the gate go counts from its own first sight; one of an ordinary pod from its creation", async () => {
  let now = "10:00:00";
  const gated = world.start({ spec: HOUR }, { now: () => at(now)() });
  // Its first look follows its first beat at once; the event of the creation may be there before.
  await eventually(() => gated.beats.some((beat) => beat !== undefined));
  now = "12:00:00";
  behind(FULL);
  await eventually(() => world.said("attempt.blocked"));
  gated.stop({ kind: "hand-off" });
  await expect(gated.done).rejects.toThrow("hand-off");
  behind({ ...FULL, lastTransitionTime: "2026-11-22T10:00:01Z" });
  expect((await world.start({ spec: HOUR }, { now: at("12:00:00") }).done).outcome.kind).toBe("unschedulable");
});
