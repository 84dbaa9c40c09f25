/** Approvals and waits among pods, under whatever comes in whatever order. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { TaskName } from "./ids.ts";
import type { TaskState } from "./task-state.ts";
import { FITTING, Held, rows, type Word, WORDS } from "./testing/held-run.ts";
import { name } from "./testing/played.ts";
import { isSound } from "./testing/sound.ts";
import { verdict } from "./verdict.ts";

const orders = fc.infiniteStream(fc.nat());
const inOrder = (open: readonly TaskName[]): TaskName | undefined => open[0];

test("holds - any order of answers, messages, time-outs and ends of pods ends in the same states", () => {
  fc.assert(
    fc.property(rows, fc.infiniteStream(fc.nat()), orders, (dag, choices, order) => {
      const words = new Map(
        dag.map(({ body }, i) => [`t${i}`, FITTING[body][(choices.next().value ?? 0) % FITTING[body].length]]),
      );
      const wordOf = (task: TaskName): Word => words.get(task) ?? "done";
      const first = new Held(dag).play(wordOf, inOrder);
      const other = new Held(dag).play(wordOf, (open) => open[(order.next().value ?? 0) % open.length]);
      expect(other.state.tasks).toEqual(first.state.tasks);
      expect(verdict(other.graph, other.state)).toBe(verdict(first.graph, first.state));
      expect(other.state.outputBytes).toBe(first.state.outputBytes);
    }),
    { numRuns: 200 },
  );
});

/** What the first word that finds the task open makes of it. */
function expected(word: Word): TaskState["kind"] {
  return word === "ended well" || word === "approve" || word === "done" ? "succeeded" : "failed";
}

test("holds - words in any order, any number of times, of this pass and another: the first that fits decides, each task settles once", () => {
  const heard = fc.record({ at: fc.nat(), word: fc.constantFrom(...WORDS), pass: fc.constantFrom(1, 1, 1, 2) });
  fc.assert(
    fc.property(rows, fc.array(heard, { maxLength: 60 }), (dag, all) => {
      const run = new Held(dag);
      for (const { at, word, pass } of all) {
        const task = name(`t${at % dag.length}`);
        const before = JSON.stringify(run.state);
        // Nothing that waits for an answer comes to an end by itself.
        if (word === "done" && run.graph.get(task)?.kind === "approve") continue;
        const isAnswer = word === "approve" || word === "reject";
        const fits = run.open.includes(task) && FITTING[run.row(task).body].includes(word) && (isAnswer || pass === 1);
        run.hear(task, word, pass);
        if (fits) expect(run.state.tasks[task]?.kind).toBe(expected(word));
        else expect(JSON.stringify(run.state)).toBe(before);
        isSound(run);
      }
      run.play((task) => FITTING[run.row(task).body][0] ?? "done", inOrder);
      isSound(run);
      expect(run.settled.toSorted()).toEqual(dag.map((_, i) => `t${i}`));
      expect(new Set(run.state.failures).size).toBe(run.state.failures.length);
      const answers = (run.state.controls ?? []).map(({ task }) => task);
      expect(new Set(answers).size).toBe(answers.length);
    }),
    { numRuns: 300 },
  );
});
