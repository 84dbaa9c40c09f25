/** For tests: graphs drawn as text, played to the end without Temporal. */
import { expect } from "vitest";
import { type Graph, graphFrom, type GraphNode } from "./graph.ts";
import { isTaskName, type TaskName } from "./ids.ts";
import type { Outcome } from "./outcome.ts";
import type { RetryPolicy } from "./retry.ts";
import { ALL_SUCCESS, type Gate, gateVerdict } from "./rules.ts";
import { apply, beginRun, isSettled } from "./run-state.ts";
import { takeStarts } from "./starts.ts";
import { type RunState, settledState } from "./task-state.ts";
import { verdict } from "./verdict.ts";
import type { ExitCodes } from "./task-spec.ts";

export function name(text: string): TaskName {
  if (!isTaskName(text)) throw new Error(`not a task name: ${text}`);
  return text;
}

export const RETRIES: RetryPolicy = { limit: 0, delayMs: 1000, factor: 1, maxDelayMs: 600_000, disruptions: 3 };
export const NO_CODES: ExitCodes = { skip: [], fail: [] };

/** `{ b: "a" }` draws a → b; a task in `noops` has no pod. */
export function graph(
  edges: Record<string, string>,
  more: {
    noops?: string[];
    gates?: Record<string, Gate>;
    window?: number;
    limit?: number;
    retries?: Partial<RetryPolicy>;
    exitCodes?: ExitCodes;
  } = {},
): Graph {
  const after = new Map(
    Object.entries(edges).map(([task, upstreams]) => [name(task), upstreams.split(" ").filter(Boolean).map(name)]),
  );
  const node = (task: TaskName): GraphNode => ({
    name: task,
    kind: more.noops?.includes(task) ? "noop" : "pod",
    after: after.get(task) ?? [],
    before: [...after].flatMap(([other, upstreams]) => (upstreams.includes(task) ? [other] : [])),
    gate: more.gates?.[task] ?? ALL_SUCCESS,
    retries: { ...RETRIES, limit: more.limit ?? 0, ...more.retries },
    outputs: {},
    exitCodes: more.exitCodes ?? { skip: [99], fail: [] },
  });
  return graphFrom([...after.keys()].map(node), new Map([["", { parallelism: more.window ?? 100 }]]));
}

export const OK: Outcome = { kind: "succeeded", message: "succeeded" };
export const EXIT3: Outcome = { kind: "exit", exitCode: 3, message: "exit code 3" };
export const LOST: Outcome = { kind: "lost", message: "the pod is gone" };

/** Runs a graph to the end; the task names in `pick` order decide which running attempt ends next. */
export function play(
  dag: Graph,
  outcomeOf: (task: TaskName, attempt: number) => Outcome,
  pick: (running: readonly string[]) => string,
) {
  const { state, effects } = beginRun(dag, "seed");
  const running = new Map<string, number>();
  const started: string[] = [];
  const pending = [effects];
  let most = 0;
  for (let round = 0; round < 1000 && !isSettled(state); round += 1) {
    for (const { delays } of pending.splice(0))
      for (const { task } of delays) pending.push(apply(dag, state, { kind: "due", task }));
    for (const { task, attempt } of takeStarts(dag, state)) {
      const node = dag.get(task);
      const upstreams = node?.after.map((upstream) => settledState(state.tasks[upstream])) ?? [];
      expect(gateVerdict(node?.gate ?? ALL_SUCCESS, upstreams)).toBe("run");
      running.set(task, attempt);
      started.push(`${task}.${attempt}`);
    }
    most = Math.max(most, running.size);
    const task = name(pick([...running.keys()]));
    const attempt = running.get(task) ?? 0;
    running.delete(task);
    pending.push(apply(dag, state, { kind: "ended", task, attempt, outcome: outcomeOf(task, attempt) }));
  }
  return { state, started, most, verdict: verdict(dag, state) };
}

export const first = (running: readonly string[]): string => running[0] ?? "";
export const kinds = (state: RunState): Record<string, string> =>
  Object.fromEntries(Object.entries(state.tasks).map(([task, { kind }]) => [task, kind]));
