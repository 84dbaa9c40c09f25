/** A watcher that was stopped (SIGSTOP, a machine asleep) for longer than a heartbeat may take, and goes on. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AttemptWorld } from "./testing/attempt-world.ts";
import { running, statusOf, terminated } from "./testing/pods.ts";
import { eventually } from "./testing/sinks.ts";

let world: AttemptWorld;
let asked: number;
beforeEach(async () => {
  // Backoff without its jitter: 0.1 s.
  vi.spyOn(Math, "random").mockReturnValue(0);
  world = await AttemptWorld.open();
  asked = 0;
});
afterEach(async () => {
  vi.restoreAllMocks();
  await world.close();
});

/** Watches a running pod, and is stopped for 31 s. `current`: whether the attempt is still its own when it wakes up. */
async function wakesUp(current: boolean) {
  let now = Date.parse("2026-11-22T10:00:04Z");
  const isCurrent = async () => {
    asked++;
    // The first question is before the pod is made.
    return asked === 1 || current;
  };
  const watch = world.start({}, { now: () => now, isCurrent });
  await world.created();
  world.schedule();
  world.status(running);
  await eventually(() => world.said("attempt.started"));
  now += 31_000;
  return watch;
}

test("its attempt another's by now: a cancel that comes late ends no pod", async () => {
  const { done, stop } = await wakesUp(false);
  stop({ kind: "cancel" });
  await expect(done).rejects.toThrow("let-go");
  expect([asked, world.count(/^DELETE/)]).toEqual([2, 0]);
});

test("its attempt still its own: it ends the pod as it was told", async () => {
  const { done, stop } = await wakesUp(true);
  stop({ kind: "cancel" });
  await eventually(() => world.count(/^DELETE/) === 1);
  world.double.remove(world.namespace, world.name);
  expect((await done).outcome.kind).toBe("cancelled");
  expect([asked, world.events.types.at(-1)]).toEqual([2, "attempt.finished"]);
});

test("its run over and its pod kept by who took over: a watch that is behind does not have it deleted", async () => {
  const { done, stop } = await wakesUp(true);
  const pod = world.double.pod(world.namespace, world.name);
  const kept = { ...Object(pod["metadata"]), annotations: { "slipway.dev/keep-until": "forever" } };
  world.double.put({ ...pod, metadata: kept, status: statusOf(terminated(0)) }, { silently: true });
  stop({ kind: "cancel" });
  expect((await done).outcome.message).toBe("cancelled; its pod is kept");
  expect(world.count(/^DELETE/)).toBe(0);
});

test("its attempt another's by now: it says nothing more", async () => {
  const { done } = await wakesUp(false);
  world.status(terminated(0));
  await done;
  expect([asked, world.events.types]).toEqual([2, ["attempt.created", "attempt.scheduled", "attempt.started"]]);
});

test("a server that does not answer: the event waits, and the attempt does not fail for it", async () => {
  let now = Date.parse("2026-11-22T10:00:04Z");
  const isCurrent = async () => {
    asked++;
    if (asked === 2) throw new Error("no answer");
    return true;
  };
  const { done } = world.start({}, { now: () => now, isCurrent });
  await world.created();
  await eventually(() => world.said("attempt.created"));
  now += 31_000;
  world.schedule();
  world.status(terminated(0));
  expect((await done).outcome.kind).toBe("succeeded");
  expect([asked, world.events.types.at(-1)]).toEqual([3, "attempt.finished"]);
});
