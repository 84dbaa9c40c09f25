import fc from "fast-check";
import { expect, test } from "vitest";
import { utf8Length } from "./json.ts";
import { isSettled } from "./run-state.ts";
import { settledState } from "./task-state.ts";
import { EXIT3, EXIT99, OK } from "./testing/played.ts";
import { listOf, Spread } from "./testing/spread.ts";
import { unitState } from "./units.ts";

const ends = fc.array(fc.constantFrom(OK, OK, EXIT3, EXIT99), { minLength: 1, maxLength: 12 });
const at = (unit: string): number => Number(/\d+/.exec(unit)?.[0] ?? 0);

function spread(outcomes: number, load = {}, fields = {}): Spread {
  return new Spread({ exitCodes: { skip: [99] }, ...load }, fields, { next: { image: "x", after: "load" } }).over(
    listOf(outcomes),
  );
}

/** What is counted of the items is what is there. */
function isSound({ state, load }: Spread): void {
  const items = state.items?.[load];
  const all = [...(items?.states.keys() ?? [])].map((index) => unitState(state, { task: load, index }));
  const of = (kind: string) => all.filter((now) => now?.kind === kind).length;
  const open = all.filter((now) => settledState(now) === undefined).length;
  expect(items).toMatchObject({ running: of("running"), succeeded: of("succeeded"), failed: of("failed"), open });
  const held = all.map((now) => (now !== undefined && "outputs" in now ? utf8Length(JSON.stringify(now.outputs)) : 0));
  expect(state.outputBytes).toBe(held.reduce((sum, bytes) => sum + bytes, 0));
}

test("forEach - any order of the items' ends gives the same states", () => {
  fc.assert(
    fc.property(ends, fc.infiniteStream(fc.nat()), fc.boolean(), (outcomes, order, retried) => {
      const outcomeOf = (unit: string) => (unit === "next" ? OK : (outcomes[at(unit)] ?? OK));
      const load = { retries: retried ? 1 : 0 };
      const inOrder = spread(outcomes.length, load).play(outcomeOf);
      const shuffled = spread(outcomes.length, load).play(
        outcomeOf,
        (running) => running[(order.next().value ?? 0) % running.length],
      );
      expect(shuffled.report()).toEqual(inOrder.report());
      expect(shuffled.state.tasks).toEqual(inOrder.state.tasks);
      expect(shuffled.verdict).toBe(inOrder.verdict);
      isSound(shuffled);
    }),
  );
});

test("forEach - never more items at once than parallelism, nor than the run allows; none starts twice", () => {
  fc.assert(
    fc.property(
      ends,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 4 }),
      fc.infiniteStream(fc.nat()),
      (outcomes, parallelism, window, order) => {
        const run = spread(outcomes.length, { parallelism, retries: 1 }, { parallelism: window });
        run.play(
          (unit) => outcomes[at(unit)] ?? OK,
          (running) => running[(order.next().value ?? 0) % running.length],
        );
        expect(run.most).toBeLessThanOrEqual(Math.min(parallelism, window));
        expect(new Set(run.started).size).toBe(run.started.length);
        expect(isSettled(run.state)).toBe(true);
        isSound(run);
      },
    ),
  );
});

test("forEach - folding one end in costs the same for 100 items as for 10,000", () => {
  const reads = (length: number): number => {
    const run = new Spread().over(listOf(length));
    run.start();
    const items = run.state.items?.["load"];
    if (items === undefined) throw new Error("there are no items");
    let count = 0;
    const states = new Proxy(items.states, {
      get: (of, key, self) => {
        if (typeof key === "string" && /^\d+$/.test(key)) count += 1;
        return Reflect.get(of, key, self);
      },
    });
    run.state.items = { load: { ...items, states } };
    run.end("load[3]");
    run.start();
    return count;
  };
  expect(reads(10_000)).toBe(reads(150));
});
