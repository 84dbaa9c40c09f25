import { type Holder, isDagName, isRunId, isTaskName, type PoolMessage } from "@slipway/dag";
import { expect, test } from "vitest";
import type { ChainFate } from "./chain-fate.ts";
import { declarePools } from "./declare-pools.ts";
import { findLostActivity } from "./find-lost.ts";
import { takeTurn } from "./run-turn.ts";
import { tellPoolsActivity } from "./tell-pools.ts";

function holder(run: string, task = "a"): Holder {
  const dag = "d";
  if (!isDagName(dag) || !isRunId(run) || !isTaskName(task)) throw new Error("names");
  return { chain: { workflowId: run, firstExecutionRunId: `first-${run}` }, cluster: "c", dag, run, task };
}

const FATES: Record<string, ChainFate> = {
  closed: { kind: "closed", how: "terminated" },
  busy: { kind: "closed", how: "terminated" },
  open: { kind: "open" },
  unknown: { kind: "unknown" },
};

test("findLost - whose run is closed and whose pods are gone; in doubt nobody; each run is asked once", async () => {
  const asked: string[] = [];
  const findLost = findLostActivity({
    fateOf: async ({ workflowId }) => {
      asked.push(workflowId);
      return FATES[workflowId] ?? { kind: "unknown" };
    },
    withPods: async (holders) => new Set(holders.filter(({ run }) => run === "busy" || run === "left-busy")),
  });
  const claims = [
    { holder: holder("open") },
    { holder: holder("closed") },
    { holder: holder("busy") },
    { holder: holder("unknown") },
    { holder: holder("closed", "b") },
    { holder: holder("left"), left: true as const },
    { holder: holder("left-busy"), left: true as const },
  ];
  expect(await findLost({ claims })).toEqual([1, 4, 5]);
  expect(asked).toEqual(["open", "closed", "busy", "unknown"]);
});

test("findLost - nobody is lost where pods cannot be listed", async () => {
  const findLost = findLostActivity({
    fateOf: async () => ({ kind: "closed", how: "terminated" }),
    withPods: async () => await Promise.reject(new Error("the API server is away")),
  });
  await expect(findLost({ claims: [{ holder: holder("closed") }] })).rejects.toThrow("away");
});

interface Told {
  readonly name: string;
  readonly messages: readonly PoolMessage[];
  readonly slots: number | undefined;
}

function link(answer: "granted" | "waits" | "silence" = "granted") {
  const told: Told[] = [];
  return {
    told,
    tell: async ({ name }: { name: string }, messages: readonly PoolMessage[], slots?: number) => {
      told.push({ name, messages, slots });
    },
    ask: async (_pool: object, messages: readonly PoolMessage[]) => {
      if (answer === "silence") throw new Error("no answer");
      return messages.flatMap((message) =>
        message.kind === "request"
          ? [{ holder: message.holder, turn: 1, ...(answer === "waits" && { place: { at: 1, of: 1, used: 16 } }) }]
          : [],
      );
    },
  };
}

test("tellPools - one signal for each pool, its messages in order and with the time; a size of the holders' own goes before", async () => {
  const to = link();
  const release = { kind: "release", holder: holder("r"), turn: 1 } as const;
  const request = { kind: "request", holder: holder("r"), turn: 2, slots: 1, priority: 3 } as const;
  await tellPoolsActivity(to)({
    letters: [
      { pool: { kind: "pool", name: "gpu" }, message: release },
      { pool: { kind: "mutex", name: "gpu" }, message: request },
      { pool: { kind: "pool", name: "gpu" }, message: request },
      { pool: { kind: "runs", name: "d" }, slots: 4, message: request },
    ],
  });
  expect(to.told.map(({ name, messages, slots }) => [name, messages.map(({ kind }) => kind), slots])).toEqual([
    ["gpu", ["release", "request"], undefined],
    ["gpu", ["request"], undefined],
    ["d", ["resize", "request"], 4],
  ]);
  expect(to.told[0]?.messages[1]).toMatchObject({ since: expect.stringMatching(/^\d{4}-.*Z$/) });
});

const compiled = { dag: holder("r").dag, version: "v", params: {}, defaults: {}, tasks: [] };
const log = { info: () => undefined };

test("maxActiveRuns - a run that may begin is not queued; one that waits knows its place; where nobody answers it waits to hear", async () => {
  expect(await takeTurn(link(), compiled, holder("r"), log)).toBeUndefined();
  expect(await takeTurn(link("waits"), compiled, holder("r"), log)).toEqual({ place: { at: 1, of: 1, used: 16 } });
  const silent = link("silence");
  expect(await takeTurn(silent, { ...compiled, maxActiveRuns: 3 }, holder("r"), log)).toEqual({});
  expect(silent.told).toMatchObject([{ name: "d", slots: 3, messages: [{ kind: "resize", slots: 3 }, { turn: 1 }] }]);
  const dag = "-";
  if (!isDagName(dag)) throw new Error(dag);
  expect(await takeTurn(silent, { ...compiled, dag }, holder("r"), log), "runPod is of no DAG").toBeUndefined();
});

test("pools - each worker that starts tells their sizes; one that cannot says so and goes on", async () => {
  const to = link();
  await declarePools(to, { gpu: 7, db: 2 }, { warn: () => undefined });
  expect(to.told.map(({ name, messages }) => [name, ...messages])).toEqual([
    ["gpu", { kind: "resize", slots: 7 }],
    ["db", { kind: "resize", slots: 2 }],
  ]);
  const warnings: object[] = [];
  const broken = { tell: async () => await Promise.reject(new Error("no\nserver")) };
  await declarePools(broken, { gpu: 7 }, { warn: (what: object) => void warnings.push(what) });
  expect(warnings).toEqual([{ pool: "gpu", reason: "no" }]);
});
