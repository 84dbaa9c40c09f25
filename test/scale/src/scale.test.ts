/**
 * Ten thousand tasks to their end, over several histories: every task once, every pod once, no line lost. `npm test` runs some
 * hundreds with a history that is full early; `npm run test:scale` the whole, whose figures stand in docs/benchmarks.md.
 */
import type { RunReport } from "@slipway/dag";
import { LONG, reportOf } from "@slipway/testbed";
import { DefaultLogger, Runtime } from "@temporalio/worker";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { countPods } from "./census.ts";
import { streamed } from "./frames.ts";
import { hopsOf } from "./histories.ts";
import { aWorld, POD, PODS, type World } from "./plane.ts";
import { replaySeconds } from "./replayed.ts";
import { type Body, each, lattice, levels, NOOP, type Tasks, wide } from "./shapes.ts";

const HISTORY_EVENTS = LONG ? 8_000 : 100;
const ITEMS = LONG ? 5_000 : 30;
const TEN_THOUSAND: Readonly<Record<string, (body: Body) => Tasks>> = {
  wide: (body) => wide(10_000, body),
  levels: (body) => levels(1_000, body),
  lattice: (body) => lattice(100, 100, body),
  each: (body) => each(ITEMS, body),
};
const SMALL: typeof TEN_THOUSAND = {
  wide: (body) => wide(80, body),
  levels: (body) => levels(5, body),
  lattice: (body) => lattice(6, 6, body),
  each: (body) => each(ITEMS, body),
};
const SHAPES = LONG ? TEN_THOUSAND : SMALL;

let world: World;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger("ERROR") });
  world = await aWorld(inject("slipway"), HISTORY_EVENTS);
});
afterAll(async () => await world?.close());

async function runOf(
  name: string,
  tasks: Tasks,
  shared: object = PODS,
): Promise<{ readonly report: RunReport; readonly seconds: number }> {
  const { temporal, installation, namespace } = world.fleet;
  const began = performance.now();
  const handle = await temporal.workflow.start("runDag", {
    taskQueue: installation,
    workflowId: `dag/scale/${name}`,
    args: [{ dag: { dag: "scale", defaults: { namespace, ...shared }, tasks } }],
  });
  await handle.result();
  const seconds = (performance.now() - began) / 1000;
  return { report: await reportOf(handle), seconds };
}

async function figures(name: string, tasks: number, seconds: number): Promise<string> {
  const hops = await hopsOf(world.fleet.temporal, `dag/scale/${name}`);
  const sum = (of: (hop: (typeof hops)[number]) => number) => hops.reduce((total, hop) => total + of(hop), 0);
  const memory = Math.round(world.peakMemory() / 1024 ** 2);
  const each = `${(sum((hop) => hop.events) / tasks).toFixed(2)} events and ${Math.round(sum((hop) => hop.bytes) / tasks)} bytes each`;
  const [longest] = hops.toSorted((a, b) => b.events - a.events);
  const replay = longest === undefined ? 0 : await replaySeconds(world.fleet.temporal, `dag/scale/${name}`, longest);
  const said = `${name}: ${tasks} tasks in ${seconds.toFixed(1)} s, ${each}, ${hops.length} hops (the longest ${longest?.events} events, replayed in ${replay.toFixed(1)} s), worker ${memory} MB`;
  if (LONG) process.stdout.write(`${said}\n`);
  return said;
}

test.for(Object.entries(SHAPES))("scale - %s, as noops", { timeout: 600_000 }, async ([shape, make], { annotate }) => {
  const tasks = make(NOOP);
  const { report, seconds } = await runOf(`${shape}-noop`, tasks);
  expect(new Set(Object.values(report.tasks).map(({ state }) => state))).toEqual(new Set(["succeeded"]));
  expect(Object.keys(report.tasks)).toHaveLength(Object.keys(tasks).length);
  const items = shape === "each" ? ITEMS : 0;
  await annotate(await figures(`${shape}-noop`, Object.keys(tasks).length + items, seconds));
});

test.for(Object.entries(SHAPES))("scale - %s, as pods", { timeout: 3_600_000 }, async ([shape, make], { annotate }) => {
  const [name, tasks] = [`${shape}-pod`, make(POD)];
  const items = shape === "each" ? ITEMS : 0;
  const pods = items || Object.values(tasks).filter((task) => !("noop" in task)).length;
  const census = await countPods(world.stack.kubeconfig, world.fleet.namespace, name);
  const { report, seconds } = await runOf(name, tasks);
  expect(new Set(Object.values(report.tasks).map(({ state }) => state))).toEqual(new Set(["succeeded"]));
  await census.close();
  const counted = [...census.byUnit().values()].map(({ size }) => size);
  expect(counted).toHaveLength(pods);
  expect(new Set(counted)).toEqual(new Set([1]));
  const told = await streamed(world.stack.nats.url, world.fleet.installation, name);
  const finished = Object.keys(tasks).length + items;
  expect(told).toEqual({ complete: pods, incomplete: 0, lines: 3 * pods, created: pods, finished, runFinished: 1 });
  await annotate(await figures(name, finished, seconds));
});

test("scale - more at once than one message to Temporal holds", { timeout: 300_000 }, async () => {
  const large = { ...PODS, env: { LARGE: "x".repeat(60_000) } };
  const { report } = await runOf("large-pod", wide(75, POD), large);
  expect(new Set(Object.values(report.tasks).map(({ state }) => state))).toEqual(new Set(["succeeded"]));
});
