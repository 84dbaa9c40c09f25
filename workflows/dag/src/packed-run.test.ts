import fc from "fast-check";
import { expect, test } from "vitest";
import { utf8Length } from "./json.ts";
import { packRun, unpackRun } from "./packed-run.ts";
import { reportOf } from "./report.ts";
import { apply, beginRun, isOver } from "./run-state.ts";
import { takeStarts } from "./starts.ts";
import { EXIT3, graph, name, OK, Played } from "./testing/played.ts";

const DAG = graph({ a: "", b: "", c: "a b", d: "c", e: "" }, 1);
const handedOn = (run: Played, lean: boolean): unknown =>
  JSON.parse(JSON.stringify(packRun(run.graph, run.state, lean)));

test("packed run - at any moment, what comes out is what went in", () => {
  const outcomes = fc.array(fc.constantFrom(OK, EXIT3), { minLength: 12, maxLength: 12 });
  fc.assert(
    fc.property(outcomes, fc.nat({ max: 8 }), (ends, most) => {
      const given = ends.values();
      const run = new Played(DAG).go(() => given.next().value ?? OK, most);
      const packed: ReturnType<typeof packRun> = JSON.parse(JSON.stringify(packRun(DAG, run.state)));
      expect(unpackRun(DAG, packed)).toEqual(JSON.parse(JSON.stringify(run.state)));
    }),
  );
});

test("packed run - ten thousand tasks that are alike take a few bytes each", () => {
  const many = graph(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`t${i}`, ""])));
  const { state } = beginRun(many, "seed");
  const bytes = (): number => utf8Length(JSON.stringify(packRun(many, state)));
  expect(state.ready).toHaveLength(10_000);
  expect(bytes()).toBeLessThan(10_000 * 8);
});

test("packed run - lean: ten thousand failures, no two alike, fit; the run's verdict and its cause stay", () => {
  const many = graph(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`t${i}`, ""])));
  const run = new Played(many);
  const startedAt = "2026-01-01T00:00:00Z";
  for (let at = 0; !isOver(run.state); )
    for (const { task, attempt } of takeStarts(many, run.state)) {
      at += 1;
      const outcome = { ...EXIT3, message: `exit code 3 ${at} ${"x".repeat(300)}`, startedAt };
      apply(many, run.state, { kind: "ended", task, attempt, outcome });
    }
  expect(utf8Length(JSON.stringify(packRun(many, run.state)))).toBeGreaterThan(3_000_000);
  expect(utf8Length(JSON.stringify(handedOn(run, true)))).toBeLessThan(250_000);
  const lean = unpackRun(many, packRun(many, run.state, true));
  const [before, after] = [reportOf(many, run.state, true), reportOf(many, lean, true)];
  expect(after.state).toBe(before.state);
  expect(after.tasks["t0"]?.message?.slice(0, 190)).toBe(before.tasks["t0"]?.message?.slice(0, 190));
  expect(after.tasks["t9999"]).toEqual({
    state: "failed",
    attempts: 1,
    kind: "exit",
    message: "exit code 3; the event of its attempt says more",
  });
  expect(lean.failures[0]).toBe(name("t0"));
});
