import fc from "fast-check";
import { expect, test } from "vitest";
import type { TaskName } from "./ids.ts";
import type { Outcome } from "./outcome.ts";
import { EXIT3, first, graph, LOST, OK, play } from "./played.ts";
import { RULES } from "./rules.ts";

const anyGraph = graphs(100);

/** Every task with a rule of its own. */
function graphs(window: number) {
  return fc
    .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 })
    .chain((rows) =>
      fc
        .array(fc.constantFrom(...RULES), { minLength: rows.length, maxLength: rows.length })
        .map((rules) =>
          graph(
            Object.fromEntries(
              rows.map((row, i) => [`t${i}`, i === 0 ? "" : [...new Set(row.map((n) => `t${n % i}`))].join(" ")]),
            ),
            { window, gates: Object.fromEntries(rules.map((rule, i) => [`t${i}`, { kind: "rule", rule }])) },
          ),
        ),
    );
}

const SKIP: Outcome = { kind: "exit", exitCode: 99, message: "exit code 99" };
const anyEnd = fc.constantFrom(OK, EXIT3, SKIP);

test("run state - any order of outcomes ends in the same states", () => {
  fc.assert(
    fc.property(anyGraph, fc.infiniteStream(anyEnd), fc.infiniteStream(fc.nat()), (dag, results, order) => {
      const ends = new Map([...dag.keys()].map((task) => [task, results.next().value ?? OK]));
      const outcomeOf = (task: TaskName): Outcome => ends.get(task) ?? OK;
      const inOrder = play(dag, outcomeOf, first);
      const shuffled = play(dag, outcomeOf, (running) => running[(order.next().value ?? 0) % running.length] ?? "");
      expect(shuffled.state.tasks).toEqual(inOrder.state.tasks);
      expect(shuffled.verdict).toBe(inOrder.verdict);
    }),
  );
});

test("run state - nothing starts before its gate opens, nor twice, whatever its rule", () => {
  fc.assert(
    fc.property(anyGraph, fc.infiniteStream(anyEnd), fc.infiniteStream(fc.nat()), (dag, results, order) => {
      // `play` asks the gate of everything that starts.
      const { started } = play(
        dag,
        () => results.next().value ?? OK,
        (running) => running[(order.next().value ?? 0) % running.length] ?? "",
      );
      expect(new Set(started).size).toBe(started.length);
    }),
  );
});

test("run state - never more at once than the window, never an attempt twice", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }).chain((window) => fc.tuple(fc.constant(window), graphs(window))),
      fc.infiniteStream(fc.boolean()),
      ([window, dag], results) => {
        const end = play(dag, () => (results.next().value ? OK : LOST), first);
        expect(end.most).toBeLessThanOrEqual(window);
        expect(new Set(end.started).size).toBe(end.started.length);
      },
    ),
  );
});
