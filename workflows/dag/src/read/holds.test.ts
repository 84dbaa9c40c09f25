/** What may be written of approvals and waits, and what their texts become. */
import { expect, test } from "vitest";
import type { Evaluated } from "../cel/evaluate.ts";
import type { HoldTexts } from "../compiled-hold.ts";
import { graphOf } from "../graph.ts";
import type { JsonObject } from "../json.ts";
import { compileDag } from "./compile.ts";
import { told } from "./compiled-task.ts";
import { readDagJson } from "./dag-file.ts";
import { renderHold, sourcesOfHold } from "./render-hold.ts";

function read(tasks: JsonObject, more: JsonObject = {}) {
  const document = readDagJson({ dag: "d", ...more, tasks });
  return document.kind === "ok" ? compileDag(document.value, {}) : document;
}
const a = (task: JsonObject) => told(read({ up: { image: "x", outputs: { n: 1 } }, a: { after: "up", ...task } }));

test.each([
  [{ approve: "Go?" }],
  [
    {
      approve: {
        message: "${{ tasks.up.outputs.n }} rows?",
        options: ["ship", "reject"],
        assignees: "anna",
        default: "ship",
      },
      timeout: "8h",
    },
  ],
  [{ wait: "30m" }],
  [{ wait: { for: "${{ string(tasks.up.outputs.n) + 'm' }}" } }],
  [{ wait: { until: "2026-11-28T06:00:00+01:00" } }],
  [{ wait: { until: '${{ logical_date + duration("6h") }}' }, timeout: { attempt: "1d" } }],
  [{ wait: { event: { subject: "lake.*.>", if: "event.data.n > tasks.up.outputs.n && event.subject != ds" } } }],
])("holds - %j passes", (task) => {
  expect(a(task)).toBe("ok");
});

test.each([
  [{ approve: { options: ["a"] } }, "`message` is missing", "add `message: QUESTION`"],
  [{ approve: { message: "?", default: "ship" } }, "`default` must be one of `options`", ""],
  [{ approve: { message: "?", options: ["a", "a"] } }, "`options` must be a list of at most 20 different texts", ""],
  [{ approve: { mesage: "?", message: "?" } }, "`mesage` is not a field of `approve`", "did you mean `message`?"],
  [{ approve: "?", image: "x" }, "the task is `approve`, which makes no pod, and has `image`", ""],
  [{ approve: "?", wait: "1s" }, "the task is `approve`, which makes no pod, and has `wait`", ""],
  [{ wait: { for: "1s", until: "2026-11-28T06:00:00Z" } }, "`wait` has `for` and `until` to wait for", "exactly one"],
  [{ wait: {} }, "`wait` has nothing to wait for", "exactly one"],
  [{ wait: 90 }, "`wait` must be a duration", ""],
  [{ wait: { until: "tomorrow" } }, "`until` must be a time like 2026-11-28T06:00:00Z", ""],
  [{ wait: { event: { subject: "a..b" } } }, "`subject` must be a NATS subject", ""],
  [{ wait: { event: { if: "true" } } }, "`subject` is missing", "add `subject: SUBJECT`"],
  [{ wait: { event: { subject: "a", if: "event.dat == 1" } } }, "event", ""],
  [{ wait: { event: { subject: "a", if: "1" } } }, "the condition gives", "compare it"],
  [{ wait: { http: "https://x" } }, "`http` is not a field of `wait`", "make a pod task of it"],
  [{ wait: { dag: "other" } }, "not run it yet", ""],
  [{ wait: "1s", timeout: { start: "1m" } }, "`start` of `timeout` belong to a pod", "timeout: 8h"],
  [{ approve: "${{ attempt }}" }, "there is no `attempt` here", ""],
  [{ approve: "${{ event.data }}" }, "there is no `event` in expressions", "wait.event.if"],
])("holds - %j: %s", (task, what, fix) => {
  const text = a(task);
  expect(text).toContain(what);
  expect(text).toContain(fix);
});

test("holds - what they hand on may be named behind them, and nothing else of them", () => {
  const after = (expression: string) =>
    told(
      read({
        a: { approve: "?" },
        w: { wait: { event: { subject: "x" } } },
        b: { after: ["a", "w"], image: "x", args: [expression] },
      }),
    );
  expect(after("${{ tasks.a.outputs.choice }} ${{ tasks.a.outputs.by }} ${{ tasks.w.outputs.data.n }}")).toBe("ok");
  expect(after("${{ tasks.a.outputs.chioce }}")).toContain("did you mean `choice`?");
});

test("holds - defaults do not touch them", () => {
  const compiled = read({ a: { wait: "5s" } }, { defaults: { image: "x", timeout: "1s", retries: 3 } });
  expect(compiled).toMatchObject({ value: { tasks: [{ kind: "wait", wait: { kind: "for", text: "5s" } }] } });
  expect(compiled.kind === "ok" && "timeoutMs" in (compiled.value.tasks[0] ?? {})).toBe(false);
});

test("holds - a param is there from the start of the run, an ancestor's output once the task begins", () => {
  const compiled = read(
    {
      up: { image: "x", outputs: { n: 1 } },
      a: { after: "up", approve: "${{ params.p }}: ${{ tasks.up.outputs.n }}? $${{" },
    },
    { params: { p: "eu" } },
  );
  if (compiled.kind === "refused") throw new Error(told(compiled));
  const task = compiled.value.tasks[1];
  if (task?.kind !== "approve") throw new Error("no approval");
  expect(task.needs).toEqual({ tasks: ["up"], params: {} });
  expect(graphOf(compiled.value).get(task.name)?.outputs).toEqual({ choice: null, by: null, note: null });
  const texts: HoldTexts = { kind: "approve", message: task.approve.message };
  const variables: Record<string, Evaluated> = {
    "params.p": { kind: "value", value: "eu" },
    "tasks.up.outputs.n": { kind: "value", value: 7 },
  };
  const answers = new Map(
    sourcesOfHold(texts).map((source) => [source, variables[source] ?? { kind: "failed" as const, why: source }]),
  );
  expect(renderHold(texts, answers)).toEqual({ kind: "approve", message: "eu: 7? ${{" });
});

const late = (texts: HoldTexts, value: Evaluated) =>
  renderHold(texts, new Map(sourcesOfHold(texts).map((source) => [source, value])));

test.each([
  [{ kind: "until", text: "${{ x }}" }, "2026-11-28T06:00:00Z", { kind: "until", at: Date.UTC(2026, 10, 28, 6) }],
  [
    { kind: "until", text: "${{ x }}" },
    "soon",
    { kind: "ended", outcome: { kind: "expression", message: 'until: "soon" is no time like 2026-11-28T06:00:00Z' } },
  ],
  [{ kind: "for", text: "${{ x }}" }, "1m", { kind: "for", ms: 60_000 }],
  [{ kind: "for", text: "${{ x }}" }, 60, { kind: "ended" }],
  [{ kind: "event", subject: "lake.${{ x }}" }, "eu", { kind: "event", subject: "lake.eu" }],
  [{ kind: "event", subject: "lake.${{ x }}" }, "e u", { kind: "ended" }],
  [{ kind: "approve", message: "${{ x }}" }, { n: 1 }, { kind: "approve", message: '{"n":1}' }],
] as const)("holds - %j with %j", (texts, value, expected) => {
  expect(late(texts, { kind: "value", value })).toMatchObject(expected);
});

test("holds - an expression without a value is the task's end", () => {
  expect(late({ kind: "approve", message: "${{ x }}" }, { kind: "failed", why: "no such key: y" })).toEqual({
    kind: "ended",
    outcome: { kind: "expression", message: "${{ x }}: no such key: y" },
  });
});
