import { expect, test } from "vitest";
import { type Graph, graphFrom } from "./graph.ts";
import { ALL_SUCCESS, type Gate } from "./rules.ts";
import { apply, beginRun, isSettled } from "./run-state.ts";
import { takeStarts } from "./starts.ts";
import { tallyOf } from "./tallies.ts";
import { graph, name, OK } from "./testing/played.ts";

/** `wide` tasks and one behind all of them; `seen` counts how often an upstream of that one is looked at. */
function fanIn(wide: number, gate: Gate): { readonly dag: Graph; readonly seen: () => number } {
  const names = Array.from({ length: wide }, (_, i) => name(`t${i}`));
  const [last] = graph({ last: "" }).values();
  if (last === undefined) throw new Error("no node");
  let seen = 0;
  const after = new Proxy(names, {
    get: (list, key, receiver) => {
      if (typeof key === "string" && /^\d+$/.test(key)) seen += 1;
      return Reflect.get(list, key, receiver);
    },
  });
  const nodes = names.map((each) => ({ ...last, name: each, before: [last.name] }));
  return { dag: graphFrom([...nodes, { ...last, after, gate }]), seen: () => seen };
}

const RULE_GATES: readonly Gate[] = [ALL_SUCCESS, { kind: "rule", rule: "one_success" }];

test.for(RULE_GATES)("tallies - a fan-in of 10,000 looks at no upstream again when another ends: %j", (gate) => {
  const { dag, seen } = fanIn(9_999, gate);
  const { state } = beginRun(dag, "seed");
  while (!isSettled(state))
    for (const { task, attempt } of takeStarts(dag, state))
      apply(dag, state, { kind: "ended", task, attempt, outcome: OK });
  expect(seen()).toBe(0);
});

test("tallies - a state that was handed on, or copied, is counted anew", () => {
  const dag = graph({ a: "", b: "", c: "a b" });
  const { state } = beginRun(dag, "seed");
  for (const { task, attempt } of takeStarts(dag, state).slice(0, 1))
    apply(dag, state, { kind: "ended", task, attempt, outcome: OK });
  const node = dag.get(name("c"));
  if (node === undefined) throw new Error("no node");
  expect(tallyOf(dag, state, node)).toMatchObject({ all: 2, open: 1, succeeded: 1 });
  expect(tallyOf(dag, structuredClone(state), node)).toEqual(tallyOf(dag, state, node));
});
