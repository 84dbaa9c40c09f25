import { expect } from "vitest";
import { utf8Length } from "../json.ts";
import { gateVerdict, tallyVerdict } from "../rules.ts";
import { tallyOf } from "../tallies.ts";
import { settledState } from "../task-state.ts";
import { unitKey } from "../units.ts";
import type { Played } from "./played.ts";

/** What the state counts is what is there. */
export function isSound({ state, graph: dag }: Pick<Played, "state" | "graph">): void {
  const all = Object.entries(state.tasks);
  const of = (kind: string) => all.filter(([, task]) => task.kind === kind).map(([task]) => task);
  expect(state.ready.map(unitKey).toSorted()).toEqual(of("ready").toSorted());
  expect(state.failures.toSorted()).toEqual(of("failed").toSorted());
  expect(state.running).toBe(of("running").length);
  expect(state.unsettled).toBe(all.filter(([, task]) => settledState(task) === undefined).length);
  const held = all.flatMap(([, task]) => ("outputs" in task && task.outputs !== undefined ? [task.outputs] : []));
  for (const node of dag.values()) {
    const upstreams = node.after.map((upstream) => settledState(state.tasks[upstream]));
    expect(tallyVerdict(node.gate, tallyOf(dag, state, node))).toBe(gateVerdict(node.gate, upstreams));
  }
  expect(state.outputBytes).toBe(held.reduce((sum, outputs) => sum + utf8Length(JSON.stringify(outputs)), 0));
}
