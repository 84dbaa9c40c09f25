import fc from "fast-check";
import { expect, test } from "vitest";
import type { Control } from "./control.ts";
import { control, preview } from "./controls.ts";
import { refusal } from "./refusal.ts";
import { reportOf } from "./report.ts";
import { RULES } from "./rules.ts";
import { isOver } from "./run-state.ts";
import { unitKey } from "./units.ts";
import { asControl, EXIT3, EXIT99, graph, OK, Played } from "./testing/played.ts";
import { isSound } from "./testing/sound.ts";

const OUTCOMES = [OK, OK, EXIT3, EXIT99];

const dags = fc
  .integer({ min: 1, max: 7 })
  .chain((size) =>
    fc.tuple(
      ...Array.from({ length: size }, (_, i) =>
        fc.tuple(fc.boolean(), fc.subarray(Array.from({ length: i }, (_, at) => at))),
      ),
    ),
  )
  .map((rows) => {
    const named = rows.map(([isNoop], i) => `${isNoop && i > 0 ? "n" : "t"}${i}`);
    return Object.fromEntries(rows.map(([, above], i) => [named[i] ?? "", above.map((at) => named[at]).join(" ")]));
  });
const stories = fc.record({
  edges: dags,
  outcomes: fc.array(fc.constantFrom(...OUTCOMES), { minLength: 8, maxLength: 8 }),
  ends: fc.integer({ min: 0, max: 9 }),
  limit: fc.integer({ min: 0, max: 1 }),
  rules: fc.array(fc.constantFrom("all_success", ...RULES), { minLength: 7, maxLength: 7 }),
});
const asks = fc.record({
  kind: fc.constantFrom("retry", "clear", "clear", "mark", "skip", "cancelTask", "pause", "resume"),
  at: fc.nat({ max: 6 }),
  upstream: fc.boolean(),
  downstream: fc.boolean(),
  state: fc.constantFrom("succeeded", "failed", "skipped"),
});
type Ask = typeof asks extends fc.Arbitrary<infer T> ? T : never;

function asked(run: Played, { kind, at, upstream, downstream, state }: Ask): Control {
  const tasks = [...run.graph.keys()];
  const task = tasks[at % tasks.length];
  const fields = kind === "clear" ? { task, upstream, downstream } : kind === "mark" ? { task, state } : { task };
  const isAll = kind === "pause" || kind === "resume" || (kind === "retry" && upstream);
  return asControl(kind, isAll ? {} : fields);
}

type Story = typeof stories extends fc.Arbitrary<infer T> ? T : never;

function played({
  edges,
  outcomes,
  ends,
  limit = 0,
  rules,
}: Pick<Story, "edges" | "outcomes" | "ends"> & Partial<Story>): Played {
  const run = new Played(graph(edges, limit, (task) => rules?.[Number(task.slice(1))] ?? "all_success"));
  const outcomeOf = (task: string) => outcomes[Number(task.slice(1))] ?? OK;
  return ends === 9 ? run.go(outcomeOf) : run.go(outcomeOf, ends);
}

test("controls - any of them at any time, twice as once; the counts stay sound; the dry run says what happens", () => {
  fc.assert(
    fc.property(stories, fc.array(asks, { minLength: 1, maxLength: 5 }), (story, wanted) => {
      const run = played(story);
      for (const ask of wanted) {
        const what = asked(run, ask);
        if (refusal(run.graph, run.state, what) !== undefined) continue;
        const before = reportOf(run.graph, run.state, false).tasks;
        const said = preview(run.graph, run.state, what);
        const { stops } = control(run.graph, run.state, what);
        isSound(run);
        const after = reportOf(run.graph, run.state, false).tasks;
        const moved = Object.keys(after).filter((task) => before[task]?.state !== after[task]?.state);
        expect(said.map(({ task }) => task).toSorted()).toEqual([...moved, ...stops.map(unitKey)].toSorted());
        const once = JSON.stringify(run.state);
        if (refusal(run.graph, run.state, what) === undefined) control(run.graph, run.state, what);
        expect(JSON.stringify(run.state)).toBe(once);
        run.go(() => OK, 1);
      }
      control(run.graph, run.state, { kind: "resume" });
      run.go(() => OK);
      expect(isOver(run.state)).toBe(true);
      isSound(run);
      expect(new Set(run.started).size).toBe(run.started.length);
    }),
    { numRuns: 300 },
  );
});

test("controls - a retry runs exactly what failed and what depends on it, where no skip above forbids it", () => {
  fc.assert(
    fc.property(stories, ({ edges, outcomes }) => {
      const run = played({ edges, outcomes, ends: 9 });
      const below = new Set(run.state.failures);
      for (const task of below) for (const next of run.graph.get(task)?.before ?? []) below.add(next);
      const pods = (names: Iterable<string>) => [...names].filter((task) => task.startsWith("t")).toSorted();
      const before = run.started.length;
      run.ask("retry");
      run.go(() => OK);
      const again = run.started.slice(before).map((start) => start.split(".")[0] ?? "");
      const skippedAbove = (task: string): boolean => run.state.tasks[task]?.kind === "skipped";
      expect(again.toSorted()).toEqual(pods(below).filter((task) => !skippedAbove(task)));
      expect(run.state.failures).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
