/** kill -9 of the worker at every point of an attempt's life, all at once: each run has its own point, and one kill serves all. */
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { POINTS } from "./points.ts";
import { aScene, type Scene, whole, wholeOf } from "./scene.ts";
import { judgeLines, tell } from "./work.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await aScene(inject("slipway"), POINTS);
});
afterAll(async () => await scene?.close());

test("killed - at every point of an attempt's life: one pod, the right verdict, the whole log, nothing left", async () => {
  const worker = await scene.fleet.startWorker();
  await scene.reach();
  const follower = scene.fleet.start("logs", `${scene.fleet.installation}/running`, "running", "-f");
  await worker.stop("SIGKILL");
  scene.lift("drop");
  await scene.ungate();
  await scene.cancel("before-cancel");
  await scene.fleet.startWorker();
  await tell(scene.fleet, "running");
  expect(await scene.allFacts()).toEqual({
    ...wholeOf(POINTS),
    "before-cancel": whole("Workflow canceled"),
    "after-cancel": whole("Workflow canceled"),
  });
  const { stdout } = await follower.finished;
  expect(judgeLines(POINTS.running.work, stdout.trimEnd().split("\n"))).toBe("whole");
  await scene.nothingIsLeft();
}, 300_000);
