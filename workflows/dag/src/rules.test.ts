import fc from "fast-check";
import { expect, test } from "vitest";
import { ALL_SUCCESS, type EdgeState, type Gate, gateVerdict, type Rule, RULES, type SettledState } from "./rules.ts";

const STATES: readonly SettledState[] = ["succeeded", "failed", "skipped", "upstream_failed"];

/** Every input of `width` upstreams. */
function inputs<State>(states: readonly State[], width: number): readonly (readonly State[])[] {
  if (width === 0) return [[]];
  return inputs(states, width - 1).flatMap((rest) => states.map((state) => [...rest, state]));
}
const DONE = [1, 2, 3, 4].flatMap((width) => inputs(STATES, width));
const OPEN = [1, 2, 3].flatMap((width) => inputs([...STATES, undefined], width));

const rule = (name: Rule): Gate => ({ kind: "rule", rule: name });
const each = (width: number, states: readonly EdgeState[]): Gate => ({
  kind: "edges",
  edges: Array.from({ length: width }, () => states),
});

test("rules - all_success over two upstreams", () => {
  const table = STATES.map((a) => STATES.map((b) => gateVerdict(ALL_SUCCESS, [a, b])));
  expect(table).toEqual([
    ["run", "upstream_failed", "skip", "upstream_failed"],
    ["upstream_failed", "upstream_failed", "upstream_failed", "upstream_failed"],
    ["skip", "upstream_failed", "skip", "upstream_failed"],
    ["upstream_failed", "upstream_failed", "upstream_failed", "upstream_failed"],
  ]);
});

/**
 * Airflow's words, read a second time: of how many upstreams (S succeeded, F failed, K skipped, U upstream_failed) the rule
 * says what. Cases are asked from top to bottom; the last has no condition.
 */
type Case = readonly [when: (s: number, f: number, k: number, u: number) => boolean, then: string];
const otherwise = () => true;
const MODEL: Record<Rule, readonly Case[]> = {
  all_success: [
    [(_s, f, _k, u) => f >= 1 || u >= 1, "upstream_failed"],
    [(_s, _f, k) => k >= 1, "skip"],
    [otherwise, "run"],
  ],
  all_failed: [
    [(s, _f, k) => s >= 1 || k >= 1, "skip"],
    [otherwise, "run"],
  ],
  all_done: [[otherwise, "run"]],
  all_done_min_one_success: [
    [(_s, _f, k) => k >= 1, "skip"],
    [(s) => s < 1, "upstream_failed"],
    [otherwise, "run"],
  ],
  all_skipped: [
    [(s, f, _k, u) => s + f + u >= 1, "skip"],
    [otherwise, "run"],
  ],
  one_success: [
    [(s) => s >= 1, "run"],
    [(_s, f, _k, u) => f + u === 0, "skip"],
    [otherwise, "upstream_failed"],
  ],
  one_failed: [
    [(_s, f, _k, u) => f + u >= 1, "run"],
    [otherwise, "skip"],
  ],
  one_done: [
    [(s, f) => s >= 1 || f >= 1, "run"],
    [otherwise, "skip"],
  ],
  none_failed: [
    [(_s, f, _k, u) => f >= 1 || u >= 1, "upstream_failed"],
    [otherwise, "run"],
  ],
  none_failed_min_one_success: [
    [(_s, f, _k, u) => f >= 1 || u >= 1, "upstream_failed"],
    [(s) => s === 0, "skip"],
    [otherwise, "run"],
  ],
  none_skipped: [
    [(_s, _f, k) => k >= 1, "skip"],
    [otherwise, "run"],
  ],
  always: [[otherwise, "run"]],
};

test.each(RULES)("rules - %s is what a second model says, on every input of 1 to 4 upstreams", (name) => {
  for (const input of DONE) {
    const [s = 0, f = 0, k = 0, u = 0] = STATES.map((state) => input.filter((each) => each === state).length);
    expect([input, gateVerdict(rule(name), input)]).toEqual([
      input,
      MODEL[name].find(([when]) => when(s, f, k, u))?.[1],
    ]);
  }
});

const FORMS: readonly (readonly [Rule, readonly EdgeState[]])[] = [
  ["all_success", ["succeeded"]],
  ["all_failed", ["failed"]],
  ["all_done", ["done"]],
  ["none_failed", ["succeeded", "skipped"]],
  ["none_skipped", ["succeeded", "failed"]],
];

test.each(FORMS)("rules - %s is the map form with %s of each edge, on every input", (name, states) => {
  for (const input of DONE)
    expect([input, gateVerdict(each(input.length, states), input)]).toEqual([input, gateVerdict(rule(name), input)]);
});

test("rules - all_skipped alone differs from its map form: Airflow skips where an edge says upstream_failed", () => {
  const differ = DONE.filter((input) => {
    const [form, named] = [
      gateVerdict(each(input.length, ["skipped"]), input),
      gateVerdict(rule("all_skipped"), input),
    ];
    if (form !== named) expect([form, named]).toEqual(["upstream_failed", "skip"]);
    return form !== named;
  });
  expect(differ).toEqual(
    DONE.filter((input) => input.some((state) => state === "failed" || state === "upstream_failed")),
  );
});

const gates: readonly Gate[] = [
  ...RULES.map(rule),
  ...FORMS.map(([, states]) => each(3, states)),
  { kind: "edges", edges: [["succeeded"], ["failed", "skipped"], ["done"]] },
];

test("rules - a verdict told early is the verdict of every way the rest can end; a skip is never early", () => {
  for (const gate of gates)
    for (const early of OPEN) {
      const verdict = gateVerdict(gate, early);
      if (verdict === "wait" || !early.includes(undefined)) continue;
      expect(verdict).not.toBe("skip");
      for (const rest of inputs(STATES, early.length)) {
        const ended = early.map((state, at) => state ?? rest[at]);
        expect([gate, early, ended, gateVerdict(gate, ended)]).toEqual([gate, early, ended, verdict]);
      }
    }
});

test("rules - the order of the upstreams is nothing", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...RULES),
      fc
        .array(fc.constantFrom(...STATES, undefined), { maxLength: 6 })
        .chain((input) => fc.tuple(fc.constant(input), fc.shuffledSubarray(input, { minLength: input.length }))),
      (name, [input, shuffled]) => {
        expect(gateVerdict(rule(name), shuffled)).toBe(gateVerdict(rule(name), input));
      },
    ),
  );
});

test("rules - a failure settles at once, a skip only when all are done; without upstreams every gate is open", () => {
  expect(gateVerdict(ALL_SUCCESS, ["failed", undefined])).toBe("upstream_failed");
  expect(gateVerdict(ALL_SUCCESS, ["skipped", undefined])).toBe("wait");
  for (const gate of gates) expect(gateVerdict(gate, [])).toBe("run");
});

test("rules - of unmet edges, one that a failure did not meet wins", () => {
  const gate: Gate = { kind: "edges", edges: [["succeeded"], ["succeeded"]] };
  expect(gateVerdict(gate, ["skipped", "upstream_failed"])).toBe("upstream_failed");
  expect(gateVerdict({ kind: "edges", edges: [["succeeded"], ["failed"]] }, ["succeeded", "upstream_failed"])).toBe(
    "run",
  );
});
