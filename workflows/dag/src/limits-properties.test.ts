import fc from "fast-check";
import { expect, test } from "vitest";
import { graphOf } from "./graph.ts";
import type { JsonObject } from "./json.ts";
import { compileDag } from "./read/compile.ts";
import { readDagJson } from "./read/dag-file.ts";
import { apply, beginRun, isSettled } from "./run-state.ts";
import { takeStarts } from "./starts.ts";
import { EXIT3, OK } from "./testing/played.ts";
import { type Unit, unitKey } from "./units.ts";

const limit = fc.integer({ min: 1, max: 4 });
const pods = (prefix: string) =>
  fc
    .array(fc.boolean(), { minLength: 1, maxLength: 5 })
    .map((rows) =>
      Object.fromEntries(
        rows.map((waits, i): [string, JsonObject] => [
          `${prefix}${i}`,
          { image: "x", ...(waits && i > 0 && { after: `${prefix}${i - 1}`, rule: "all_done" }) },
        ]),
      ),
    );
/** Groups in groups, with and without items, all with limits of their own. */
const dags = fc
  .record({
    all: limit,
    outer: limit,
    inner: limit,
    items: limit,
    beside: pods("t"),
    within: pods("u"),
    inside: pods("v"),
  })
  .map(({ all, outer, inner, items, beside, within, inside }) => ({
    limits: { "": all, outer, "outer.inner": inner, "outer.many": items },
    dag: {
      parallelism: all,
      tasks: {
        outer: {
          parallelism: outer,
          tasks: {
            inner: { parallelism: inner, tasks: inside },
            many: { image: "x", forEach: [1, 2, 3, 4, 5, 6], parallelism: items },
            ...within,
          },
        },
        ...beside,
      },
    },
  }));

function graph(dag: JsonObject): ReturnType<typeof graphOf> {
  const read = readDagJson({ dag: "d", ...dag });
  const compiled = read.kind === "ok" ? compileDag(read.value, {}) : read;
  if (compiled.kind !== "ok") throw new Error(JSON.stringify(compiled.problems));
  return graphOf(compiled.value);
}

test("limits - of the run, of groups in groups and of items: never exceeded together, and nobody waits for nothing", () => {
  fc.assert(
    fc.property(dags, fc.infiniteStream(fc.nat()), ({ dag, limits }, order) => {
      const of = graph(dag);
      const { state, effects } = beginRun(of, "seed");
      const running = new Map<string, Unit & { readonly attempt: number }>();
      const within = (place: string): number =>
        [...running.values()].filter(({ task }) => place === "" || task === place || task.startsWith(`${place}.`))
          .length;
      for (const task of effects.asks) {
        const items = { lists: [[1, 2, 3, 4, 5, 6]] };
        apply(of, state, { kind: "answered", task, answer: { kind: "yes", items } });
      }
      for (let round = 0; round < 100 && !isSettled(state); round += 1) {
        for (const start of takeStarts(of, state)) running.set(unitKey(start), start);
        for (const [place, most] of Object.entries(limits)) expect(within(place)).toBeLessThanOrEqual(most);
        expect(running.size).toBeGreaterThan(0);
        const at = (order.next().value ?? 0) % running.size;
        const [key, unit] = [...running][at] ?? ["", undefined];
        running.delete(key);
        if (unit === undefined) continue;
        const outcome = at % 2 === 0 ? OK : EXIT3;
        apply(of, state, { kind: "ended", ...unit, outcome });
      }
      expect(isSettled(state)).toBe(true);
    }),
  );
});
