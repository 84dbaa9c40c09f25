import { expect, test } from "vitest";
import { graphOf } from "./graph.ts";
import { isDagName, isTaskName } from "./ids.ts";
import type { Outcome } from "./outcome.ts";
import { reportOf } from "./report.ts";
import type { RetryWord } from "./retry.ts";
import { apply, beginRun } from "./run-state.ts";
import { takeStarts } from "./starts.ts";

const EXIT3: Outcome = { kind: "exit", exitCode: 3, message: "exit code 3", startedAt: "s", finishedAt: "f" };

/** How the task `a` stands after one attempt that ended so. */
function after(outcome: Outcome, retry: RetryWord | undefined, limit = 1, fail: readonly number[] = []) {
  const [dag, name] = ["d", "a"];
  if (!isDagName(dag) || !isTaskName(name)) throw new Error("names");
  const spec = { retries: { limit }, exitCodes: { fail } };
  const graph = graphOf({
    dag,
    version: "",
    params: {},
    defaults: {},
    tasks: [{ kind: "pod", name, after: [], spec }],
  });
  const { state } = beginRun(graph, "seed");
  takeStarts(graph, state);
  apply(graph, state, { kind: "ended", task: name, attempt: 1, outcome, ...(retry && { retry }) });
  const { state: kind, message } = reportOf(graph, state, true).tasks["a"] ?? {};
  return { state: kind, kind: reportOf(graph, state, true).tasks["a"]?.kind, message };
}

test("retries.if - no word, another try; no, the outcome stands", () => {
  expect(after(EXIT3, undefined)).toMatchObject({ state: "retrying" });
  expect(after(EXIT3, { kind: "no" })).toEqual({ state: "failed", kind: "exit", message: "exit code 3" });
});

test("retries.if - broken, the task has failed for that, where there was a choice at all", () => {
  const broken = { kind: "broken", why: "division by zero" } as const;
  expect(after(EXIT3, broken)).toEqual({
    state: "failed",
    kind: "expression",
    message: "retries.if has no answer: division by zero; the attempt: exit code 3",
  });
  expect(after(EXIT3, broken, 0)).toEqual({ state: "failed", kind: "exit", message: "exit code 3" });
  expect(after(EXIT3, broken, 1, [3])).toEqual({ state: "failed", kind: "exit", message: "exit code 3" });
});
