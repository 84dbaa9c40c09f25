/** Attempts that something outside them holds up: what is told meanwhile, and how that ends. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AttemptWorld } from "./testing/attempt-world.ts";
import { waiting } from "./testing/pods.ts";
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
  await eventually(() => world.said("attempt.blocked"));
  expect(world.said("attempt.blocked")).toMatchObject({ reason: "FailedMount", message: secret });
  world.double.warn(world.namespace, world.name, "FailedMount", secret, 2);
  expect((await done).outcome).toEqual({
    kind: "config",
    message: 'volume v cannot be mounted: secret "nowhere" not found',
    evidence: { reason: "FailedMount", message: secret },
  });
});
