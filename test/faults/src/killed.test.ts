/** kill -9 of the worker at every point of an attempt's life, all at once: each run has its own point, and one kill serves all. */
import { eventually } from "@slipway/testbed";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { POINTS } from "./points.ts";
import { aScene, type Facts, ONCE, type Scene } from "./scene.ts";
import { tell } from "./work.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await aScene(inject("slipway"), POINTS);
});
afterAll(async () => await scene?.close());

test("killed - at every point of an attempt's life: one pod, the right verdict, the whole log, nothing left", async () => {
  const worker = await scene.fleet.startWorker();
  await scene.reach();
  await worker.stop("SIGKILL");
  scene.lift("drop");
  await scene.ungate();
  await scene.fleet.startWorker();
  await tell(scene.fleet, "running");
  const names = Object.keys(POINTS);
  const facts = await Promise.all(names.map(async (name): Promise<[string, Facts]> => [name, await scene.facts(name)]));
  expect(Object.fromEntries(facts)).toEqual(Object.fromEntries(names.map((name) => [name, expected(name)])));
  await eventually("nothing is left", async () => {
    const { items } = await scene.fleet.pods.listPodForAllNamespaces({
      labelSelector: `slipway.dev/installation=${scene.fleet.installation}`,
    });
    return items.length === 0;
  });
}, 300_000);

function expected(name: string): Facts {
  const verdict = name === "after-cancel" ? "cancelled" : `${name} failed: exit code 7`;
  return { verdict, attempts: 1, pods: 1, lines: "whole", end: "all lines, true", told: [...ONCE] };
}
