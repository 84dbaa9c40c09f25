/** A pod's log goes with the pod: who ends it, hears it first. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { AttemptWorld } from "./testing/attempt-world.ts";
import { running, terminated } from "./testing/pods.ts";
import { eventually } from "./testing/sinks.ts";

const HELLO = "2026-11-22T10:00:03.000000001Z hello world\n";

let world: AttemptWorld;
beforeEach(async () => {
  world = await AttemptWorld.open();
});
afterEach(async () => await world.close());

test("cancel - what has printed is followed before it is deleted, however late the kubelet answers the next watcher", async () => {
  const { double, logs, name, namespace } = world;
  const deletes = () => world.count(/^DELETE/);
  double.onLog = (_query, answer) => void answer.write(HELLO);
  const first = world.start();
  await world.created();
  world.schedule();
  world.status(running);
  await eventually(() => logs.texts("main").length === 1);
  first.stop({ kind: "hand-off" });
  await expect(first.done).rejects.toThrow("hand-off");
  let atAnswer: number | undefined;
  double.onLog = (_query, answer) => {
    if (atAnswer !== undefined) return answer.end();
    setTimeout(() => {
      atAnswer = deletes();
      answer.write(HELLO);
    }, 1_500);
  };
  const second = world.start({ activityAttempt: 2, known: { uid: `uid-of-${name}` } });
  second.stop({ kind: "cancel" });
  await eventually(() => deletes() === 1);
  expect(atAnswer).toBe(0);
  world.status(terminated(143));
  double.remove(namespace, name);
  expect((await second.done).outcome.kind).toBe("cancelled");
});
