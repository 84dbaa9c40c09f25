/** A run that goes on where a closed one ended. */
import { expect, test } from "vitest";
import { reportOf } from "./report.ts";
import type { RerunControl } from "./rerun.ts";
import { apply } from "./run-state.ts";
import { AnyRun } from "./testing/any-run.ts";
import { EXIT3, graph, name, OK, Played } from "./testing/played.ts";
import { rerunOf } from "./testing/rerun.ts";
import { listOf, Spread } from "./testing/spread.ts";
import { takeStarts } from "./starts.ts";
import type { Graph } from "./graph.ts";
import { verdict } from "./verdict.ts";

const RETRY = { kind: "retry" } as const;

/** The end of a run, and what another makes of it: what starts at first, then every state once all goes well. */
function again(played: Played, control: RerunControl = RETRY) {
  const { state, effects } = rerunOf(played.graph, played.state, control);
  const started: string[] = [];
  const next = () => takeStarts(played.graph, state);
  for (let starts = next(); starts.length > 0; starts = next())
    for (const { task, attempt } of starts) {
      started.push(`${task}.${attempt}`);
      apply(played.graph, state, { kind: "ended", task, attempt, outcome: OK });
    }
  return { state, effects, started, report: reportOf(played.graph, state, true) };
}

const chain = (): Graph => graph({ a: "", b: "a", c: "b", x: "", n1: "x" });

test("rerun - what failed and what depends on it runs again from attempt 1, what succeeded is reused and says so", () => {
  const { started, report, effects } = again(new Played(chain()).go((task) => (task === "b" ? EXIT3 : OK)));
  expect(started).toEqual(["b.1", "c.1"]);
  expect(report.tasks["a"]).toEqual({
    state: "succeeded",
    attempts: 0,
    reason: "reused from dag/d/1",
    outputs: { of: "a" },
  });
  expect(report.tasks["c"]).toMatchObject({ state: "succeeded", attempts: 1 });
  expect(report).toMatchObject({ state: "succeeded", controls: [{ n: 1, control: "retry" }] });
  expect(effects.settled.map(({ task }) => task)).toEqual(["a", "x", "n1"]);
});

test("rerun - clear: a task that succeeded runs again, and what depends on it", () => {
  const clear = { kind: "clear", task: name("b"), upstream: false, downstream: true } as const;
  expect(
    again(
      new Played(chain()).go(() => OK),
      clear,
    ).started,
  ).toEqual(["b.1", "c.1"]);
});

test("rerun - of a cancelled run: what was broken off and what never began runs", () => {
  const played = new Played(chain()).go(() => OK, 1);
  apply(played.graph, played.state, { kind: "cancel", reason: "enough" });
  played.go(() => OK);
  const { started, state, report } = again(played);
  expect(started.toSorted()).toEqual(["b.1", "c.1", "x.1"]);
  expect(report.tasks["n1"]?.state).toBe("succeeded");
  expect(verdict(played.graph, state)).toBe("succeeded");
});

test("rerun - a skip that a person or an exit code said stays", () => {
  const of = graph({ a: "", b: "", c: "a b" }, 0, () => "all_done");
  const played = new Played(of);
  played.ask("skip", { task: "a" });
  played.go((task) => (task === "c" ? EXIT3 : { kind: "exit", exitCode: 99, message: "exit code 99" }));
  const { started, report } = again(played);
  expect(started).toEqual(["c.1"]);
  expect(report.tasks).toMatchObject({
    a: { state: "skipped", reason: "marked skipped" },
    b: { state: "skipped", reason: "exit code 99" },
  });
});

test("rerun - of a run that Temporal ended: what had no end runs, of items too", () => {
  const run = new Spread({ parallelism: 1 }, {}, { beside: { image: "x" }, next: { image: "x", after: "load" } });
  run.over(listOf(3)).start();
  run.end("load[0]");
  run.start();
  const next = new AnyRun(run.graph, rerunOf(run.graph, run.state));
  expect(next.kinds).toEqual({ load: "spread", beside: "ready", next: "waiting" });
  expect(next.go(() => OK).started).toEqual(["load[1]", "beside", "load[2]", "next"]);
});

test("rerun - with a task named, what else failed stays failed, and says how", () => {
  const played = new Played(graph({ a: "", b: "", c: "a" })).go(() => EXIT3);
  const { started, report } = again(played, { kind: "retry", task: name("a") });
  expect(started).toEqual(["a.1", "c.1"]);
  expect(report.tasks["b"]).toMatchObject({ state: "failed", attempts: 0, kind: "exit", message: "exit code 3" });
  expect(report.state).toBe("failed");
});
