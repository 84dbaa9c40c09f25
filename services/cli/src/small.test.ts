import type { RunReport } from "@slipway/client";
import { expect, test } from "vitest";
import { EXIT, exitOfRun } from "./exit-code.ts";
import { Interrupted, reportFailure } from "./failure.ts";
import { stackRoot } from "./stack.ts";
import { testWorld } from "./test-world.ts";
import { shortDuration } from "./time.ts";
import { quoted } from "./verbs/env.ts";

test("exit codes - of a run", () => {
  const of = (state: RunReport["state"], tasks: RunReport["tasks"] = {}) => exitOfRun({ state, tasks });
  expect([of("succeeded"), of("failed"), of("cancelled")]).toEqual([0, 3, 4]);
  const rejected = { state: "failed", kind: "rejected", attempts: 0, outputs: { choice: "reject" } } as const;
  const refused = { state: "failed", kind: "rejected", attempts: 1 } as const;
  expect(of("failed", { a: rejected })).toBe(4);
  expect(of("failed", { a: refused })).toBe(3);
  expect(of("failed", { a: rejected, b: { state: "failed", kind: "exit", attempts: 1 } })).toBe(3);
});

test("failure - an unexpected error shows no stack unless SLIPWAY_DEBUG=1", () => {
  const error = new Error("boom", { cause: new TypeError("inner") });
  const quiet = testWorld();
  expect(reportFailure(error, quiet)).toBe(EXIT.failed);
  expect(quiet.stderr()).toMatchInlineSnapshot(`
    "error[unexpected]: boom
      why: this is most likely a fault in Slipway
      fix: run the command again with SLIPWAY_DEBUG=1 and report what it prints
      more: slipway explain unexpected
    "
  `);
  const debug = testWorld({ env: { SLIPWAY_DEBUG: "1" } });
  reportFailure(error, debug);
  expect(debug.stderr()).toMatch(/Error: boom\n +at [\s\S]*caused by: TypeError: inner\n +at /);
});

test("failure - a stop of the local stack keeps its own words and code; an interrupt is 130", () => {
  const stop = Object.assign(new Error("Go is missing\n  why: w\n  fix: f"), { name: "StackError", code: "StackNoGo" });
  const world = testWorld();
  expect(reportFailure(stop, world)).toBe(EXIT.failed);
  expect(world.stderr()).toBe(
    "error[StackNoGo]: Go is missing\n  why: w\n  fix: f\n  more: slipway explain StackNoGo\n",
  );
  expect(reportFailure(Object.assign(stop, { code: "StackInterrupted" }), testWorld())).toBe(EXIT.detached);
  expect(reportFailure(new Interrupted("stopped"), testWorld())).toBe(EXIT.detached);
});

test.each([
  [0, "0.0s"],
  [9_999, "9.9s"],
  [10_000, "10s"],
  [184_000, "3m04s"],
  [7_500_000, "2h05m"],
  [356_400_000, "4d03h"],
  [-5, "0s"],
])("duration - %d ms is %s", (ms, text) => {
  expect(shortDuration(ms)).toBe(text);
});

test("env - nothing in a value means anything to a shell", () => {
  expect(quoted("it's $HOME `x`")).toBe("'it'\\''s $HOME `x`'");
});

test("stack - the nearest folder above that has one, else the checkout", () => {
  const at = (files: readonly string[]) =>
    stackRoot({ cwd: "/a/b/c", checkout: "/checkout" }, (file) => files.includes(file));
  expect(at(["/a/.slipway/stack.json", "/a/b/.slipway/stack.json"])).toBe("/a/b");
  expect(at(["/a/b/c/d/.slipway/stack.json"])).toBe("/checkout");
});
