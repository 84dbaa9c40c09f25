import fc from "fast-check";
import { expect, test } from "vitest";
import { isDagName, isRunId, isTaskName } from "../ids.ts";
import { type Holder, holderKey, ordinal, poolWorkflowId, waitReason } from "./pool-ref.ts";
import {
  applyToPool,
  newPool,
  type PoolAnswer,
  type PoolMessage,
  type PoolState,
  tellMoved,
  usedOf,
  viewOf,
} from "./pool-state.ts";
import { readPoolMessages, readPoolNews } from "./read-messages.ts";

function holder(task: string, run = "r1", index?: number): Holder {
  const dag = "d";
  if (!isTaskName(task) || !isDagName(dag) || !isRunId(run)) throw new Error(task);
  const chain = { workflowId: `dag/d/${run}`, firstExecutionRunId: `first-${run}` };
  return { chain, cluster: "default", dag, run, task, ...(index !== undefined && { index }) };
}

interface Asked {
  readonly turn?: number;
  readonly slots?: number;
  readonly priority?: number;
}
const request = (task: string, { turn = 1, slots = 1, priority = 3 }: Asked = {}): PoolMessage => {
  return { kind: "request", holder: holder(task), turn, slots, priority, since: "2026-01-01T00:00:00Z" };
};
const release = (task: string, turn = 1, left?: true): PoolMessage => {
  return { kind: "release", holder: holder(task), turn, ...(left && { left }) };
};

/** `a granted`, `b 1/2` */
const said = (answers: readonly PoolAnswer[]): string[] =>
  answers.map(
    ({ holder: { task }, place }) => `${task} ${place === undefined ? "granted" : `${place.at}/${place.of}`}`,
  );
const tell = (state: PoolState, ...messages: PoolMessage[]): string[] => said(applyToPool(state, messages));

test("pool - first come first served; who waits is told its place, who is let in is told that", () => {
  const pool = newPool(2);
  expect(tell(pool, request("a"), request("b"), request("c"), request("d"))).toEqual([
    "a granted",
    "b granted",
    "c 1/2",
    "d 2/2",
  ]);
  expect(tell(pool, release("a"))).toEqual(["c granted"]);
  expect(said(tellMoved(pool))).toEqual(["d 1/1"]);
  expect(said(tellMoved(pool)), "once").toEqual([]);
  expect(viewOf(pool)).toMatchObject({ slots: 2, used: 2, waiting: 1, oldestWait: "2026-01-01T00:00:00Z" });
  expect(tell(pool, release("d"))).toEqual([]);
  expect(tell(pool, release("b"), release("c"))).toEqual([]);
  expect(viewOf(pool)).toEqual({ slots: 2, used: 0, waiting: 0, holders: [], queue: [] });
});

test("pool - the priority goes before the arrival, and takes nothing away", () => {
  const pool = newPool(1);
  tell(pool, request("a", { priority: 5 }));
  tell(pool, request("b"), request("c", { priority: 1 }), request("d"));
  expect(viewOf(pool).queue.map(({ task }) => task)).toEqual(["c", "b", "d"]);
  expect(viewOf(pool).holders.map(({ task }) => task)).toEqual(["a"]);
});

test("pool - one that needs many slots is waited for, not passed by; one that needs more than there are is passed by", () => {
  const pool = newPool(2);
  expect(tell(pool, request("a"), request("big", { slots: 2 }), request("c"))).toEqual([
    "a granted",
    "big 1/2",
    "c 2/2",
  ]);
  expect(tell(pool, release("a"))).toEqual(["big granted"]);
  expect(tell(pool, request("huge", { slots: 3 }), release("big"))).toEqual(["huge 1/1", "c granted"]);
  const [huge] = applyToPool(pool, [request("huge", { slots: 3 })]);
  expect(waitReason({ kind: "pool", name: "gpu" }, huge?.place)).toBe("pool gpu, 1st of 1; it has 2 slots");
  expect(tell(pool, { kind: "resize", slots: 4 })).toEqual(["huge granted"]);
});

test("pool - fewer slots take nothing from who holds one", () => {
  const pool = newPool(3);
  tell(pool, request("a"), request("b"), request("c"));
  tell(pool, { kind: "resize", slots: 1 });
  expect(usedOf(pool)).toBe(3);
  expect(tell(pool, request("d"), release("a"), release("b"))).toEqual(["d 1/1"]);
  expect(tell(pool, release("c"))).toEqual(["d granted"]);
});

test("pool - a request that comes again is answered again, and is one", () => {
  const pool = newPool(1);
  expect(tell(pool, request("a"), request("a"), request("b"), request("b"))).toEqual(["a granted", "b 1/1"]);
  expect(tell(pool, request("a"), request("b"))).toEqual(["a granted", "b 1/1"]);
  expect(usedOf(pool)).toBe(1);
});

test("pool - what is late means nothing: an old request, an old release", () => {
  const pool = newPool(1);
  tell(pool, request("a", { turn: 2 }));
  expect(tell(pool, request("a", { turn: 1 }), release("a", 1))).toEqual([]);
  expect(usedOf(pool)).toBe(1);
  expect(tell(pool, request("a", { turn: 3 })), "its release is on its way").toEqual(["a granted"]);
  tell(pool, release("a", 2));
  expect(usedOf(pool)).toBe(1);
  tell(pool, release("a", 3));
  expect(usedOf(pool)).toBe(0);
});

test("pool - a slot whose pod may still run is not free until it is let go of; its own holder may have it", () => {
  const pool = newPool(1);
  tell(pool, request("a"), request("b"));
  expect(tell(pool, release("a", 1, true))).toEqual([]);
  expect(tell(pool, request("a", { turn: 2 }))).toEqual(["a granted"]);
  expect(tell(pool, release("a", 2, true), release("a", 2))).toEqual(["b granted"]);
  expect(tell(pool, request("c"), release("c", 1, true)), "one that waited holds nothing").toEqual([]);
});

const names = ["a", "b", "c", "d", "e"];
const anyMessage = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant("request" as const),
      who: fc.nat(4),
      priority: fc.integer({ min: 1, max: 5 }),
      slots: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constantFrom("release" as const, "leave" as const), who: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("again" as const), which: fc.nat(40) }) },
);

test("pool - limits are never exceeded, whatever comes, in what order and how often; nobody is forgotten", () => {
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 4 }), fc.array(anyMessage, { maxLength: 60 }), (slots, steps) => {
      const pool = newPool(slots);
      const turns = new Map<string, number>();
      const sent: PoolMessage[] = [];
      for (const step of steps) {
        const message = step.what === "again" ? sent[step.which % (sent.length || 1)] : next(step, turns);
        if (message === undefined) continue;
        sent.push(message);
        applyToPool(pool, [message]);
        expect(usedOf(pool)).toBeLessThanOrEqual(slots);
      }
      // Every holder gives back; then all that wait are served, and in the end nothing is left.
      for (let rounds = 0; viewOf(pool).holders.length > 0; rounds += 1) {
        expect(rounds).toBeLessThan(20);
        applyToPool(
          pool,
          viewOf(pool).holders.flatMap(({ task = "" }) => [release(task, 999)]),
        );
        expect(usedOf(pool)).toBeLessThanOrEqual(slots);
      }
      expect(pool.entries).toEqual({});
    }),
  );
});

/** As runs send them: a holder asks with a higher turn each time. */
function next(
  step: { what: "request" | "release" | "leave"; who: number; priority?: number; slots?: number },
  turns: Map<string, number>,
): PoolMessage {
  const task = names[step.who] ?? "a";
  const turn = turns.get(task) ?? 0;
  if (step.what !== "request") return release(task, turn, step.what === "leave" ? true : undefined);
  turns.set(task, turn + 1);
  return request(task, { turn: turn + 1, slots: step.slots ?? 1, priority: step.priority ?? 3 });
}

test("pool - what is said of a wait", () => {
  expect([1, 2, 3, 4, 11, 12, 13, 21, 22, 103, 111].map(ordinal).join(" ")).toBe(
    "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 103rd 111th",
  );
  expect(waitReason({ kind: "pool", name: "gpu" }, { at: 3, of: 7, used: 2 })).toBe("pool gpu, 3rd of 7");
  expect(waitReason({ kind: "mutex", name: "publish eu" }, undefined)).toBe("mutex publish eu");
  expect(waitReason({ kind: "runs", name: "x" }, { at: 3, of: 5, used: 16 })).toBe(
    "3rd of 5 waiting; 16 runs of DAG x are active",
  );
  expect(waitReason({ kind: "runs", name: "x" }, { at: 1, of: 1, used: 1 })).toBe(
    "1st of 1 waiting; 1 run of DAG x is active",
  );
  expect(poolWorkflowId("slipway", { kind: "pool", name: "gpu" })).toBe("pool/slipway/gpu");
  expect(holderKey(holder("a", "r1", 7))).toBe("first-r1/a/7");
});

test("pool - what a signal brings is read: what is no message is passed over", () => {
  const good = [request("a"), release("b", 2, true), { kind: "resize", slots: 3 }];
  const sent: unknown = JSON.parse(JSON.stringify(good));
  expect(readPoolMessages(sent)).toEqual(good);
  const whole = { ...request("a") };
  const bad = [
    null,
    3,
    {},
    { kind: "resize", slots: -1 },
    { ...whole, holder: {} },
    { ...whole, turn: "1" },
    { ...whole, kind: "x" },
  ];
  expect(readPoolMessages(bad)).toEqual([]);
  for (const each of [undefined, "x", { kind: "resize" }]) expect(readPoolMessages(each)).toEqual([]);
});

test("pool - what a run hears is read too", () => {
  const pool = { kind: "pool", name: "gpu" } as const;
  const place = { at: 1, of: 2, used: 3 };
  const news = {
    pool,
    answers: [
      { holder: holder("a", "r1", 7), turn: 1 },
      { holder: holder("b"), turn: 2, place },
    ],
  };
  expect(readPoolNews(JSON.parse(JSON.stringify(news)))).toEqual(news);
  expect(
    readPoolNews({
      pool,
      answers: [
        { holder: {}, turn: 1 },
        { ...news.answers[0], place: {} },
      ],
    }),
  ).toEqual({ pool, answers: [] });
  for (const each of [undefined, {}, { pool: { kind: "x", name: "y" } }]) expect(readPoolNews(each)).toBeUndefined();
});
