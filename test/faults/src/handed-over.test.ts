/** SIGTERM of the worker at every point of an attempt's life, all at once: it hands over at once, and the next one goes on. */
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { POINTS } from "./points.ts";
import { aScene, type Scene, wholeOf } from "./scene.ts";

let scene: Scene;

/** Five times what is promised (2 s): this machine may be busy. */
const BOUND_MS = 10_000;

beforeAll(async () => {
  scene = await aScene(inject("slipway"), POINTS);
});
afterAll(async () => await scene?.close());

test("SIGTERM - at every point of an attempt's life: handed over at once, one pod, the whole log, nothing left", async ({
  annotate,
}) => {
  const worker = await scene.fleet.startWorker();
  await scene.reach();
  const begin = performance.now();
  const ended = worker.stop("SIGTERM");
  // What was on its way when the signal came arrives now.
  scene.lift("open");
  expect(await ended).toMatchObject({ code: 0 });
  const took = performance.now() - begin;
  await annotate(`handed over ${Object.keys(POINTS).length} attempts in ${Math.round(took)} ms`);
  expect(took).toBeLessThan(BOUND_MS);
  await scene.meanwhile();
  await scene.fleet.startWorker();
  await scene.tell();
  expect(await scene.allFacts()).toEqual(wholeOf(POINTS));
  await scene.nothingIsLeft();
}, 300_000);
