/** kill -9 of the worker at every point of an attempt's life, all at once: each run has its own point, and one kill serves all. */
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { POINTS } from "./points.ts";
import { aScene, type Scene, wholeOf } from "./scene.ts";
import { judgeLines, type Work } from "./work.ts";

const UNTIL_TOLD: Work = { kind: "until told" };
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
  await scene.meanwhile();
  await scene.fleet.startWorker();
  await scene.tell();
  expect(await scene.allFacts()).toEqual(wholeOf(POINTS));
  const { stdout } = await follower.finished;
  expect(judgeLines(UNTIL_TOLD, stdout.trimEnd().split("\n"))).toBe("whole");
  await scene.nothingIsLeft();
}, 300_000);
