/** Params that are set again and again while a run goes on. */
import fc from "fast-check";
import { test } from "vitest";
import { Counted, rows, steps } from "./testing/counted.ts";

test("setParams - at any time: what has begun stays what it is, what begins has what is set, twice is once, a dry run lists what changes", () => {
  fc.assert(
    fc.property(rows, fc.array(steps, { minLength: 10, maxLength: 30 }), (dag, all) => {
      const run = new Counted(dag);
      for (const step of all) run.take(step);
    }),
    { numRuns: 60 },
  );
});
