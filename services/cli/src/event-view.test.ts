import type { StoredEvent } from "@slipway/client";
import { EVENT_TYPES } from "@slipway/dag";
import { expect, test } from "vitest";
import { eventPrinter } from "./event-view.ts";
import type { Format } from "./output.ts";
import { TITLES } from "./test-world.ts";

const BASE = { time: "2026-11-22T12:00:00.5Z", dag: "sample", run: "nightly 1", chain: "c-1" } as const;
const POD = { pod: { name: "count-1-abc", namespace: "default", uid: "u" } };
const TOLD: readonly Omit<StoredEvent, "seq" | "id" | keyof typeof BASE>[] = [
  { type: "run.started", data: {} },
  { type: "attempt.created", task: "count", attempt: 1, data: POD },
  { type: "attempt.scheduled", task: "count", attempt: 1, data: { ...POD, node: "node-1" } },
  {
    type: "attempt.blocked",
    task: "count",
    attempt: 1,
    data: { reason: "Unschedulable", message: "0/1 nodes\n are free" },
  },
  { type: "attempt.started", task: "count", attempt: 1, data: POD },
  { type: "log.gap", task: "count", attempt: 1, data: { container: "main", from: "a", to: "b", reason: "rotated" } },
  { type: "attempt.finished", task: "count", attempt: 1, data: { outcome: { kind: "exit", message: "exit code 3" } } },
  { type: "log.ended", task: "count", attempt: 1, data: { container: "main", lines: 7, complete: true } },
  {
    type: "log.ended",
    task: "count",
    attempt: 1,
    data: { container: "proxy", lines: 1, complete: false, reason: "the pod was gone" },
  },
  { type: "pod.deleted", task: "count", attempt: 1, data: POD },
  { type: "pod.unreachable", task: "count", attempt: 1, data: { ...POD, message: "node n has not ended the pod" } },
  { type: "attempt.finished", task: "a-longer-name", index: 3, attempt: 12, data: { outcome: { kind: "succeeded" } } },
  { type: "task.waiting", task: "count", data: { reason: "no worker" } },
  { type: "task.skipped", task: "count", data: { state: "upstream_failed", reason: "a did not succeed" } },
  { type: "task.finished", task: "count", data: { state: "failed", message: "\u001b[31mexit code 3" } },
  { type: "run.paused", data: { by: "anna", note: "the disk is full" } },
  { type: "run.resumed", data: {} },
  { type: "run.changed", data: { params: ["word", "count"], tasks: ["count"], changed: 1, by: "anna", note: "typo" } },
  { type: "task.cleared", task: "count", data: { control: "retry", attempts: 1, by: "anna" } },
  { type: "run.finished", data: { state: "failed", message: "count failed: exit code 3" } },
];
const EVENTS = TOLD.map((told, at): StoredEvent => ({ ...BASE, ...told, seq: at + 1, id: `id-${at + 1}` }));

async function rendered(format: Format, events: readonly StoredEvent[] = EVENTS): Promise<string> {
  const print = eventPrinter("slipway", format, TITLES);
  const lines: string[] = [];
  for (const event of events) lines.push(await print(event));
  return lines.join("");
}

test("events - a line each: time, type, task, attempt, cause", async () => {
  expect(await rendered("table")).toMatchInlineSnapshot(`
    "2026-11-22T12:00:00Z  run.started        -   -
    2026-11-22T12:00:00Z  attempt.created    count   1  pod default/count-1-abc
    2026-11-22T12:00:00Z  attempt.scheduled  count   1  on node-1
    2026-11-22T12:00:00Z  attempt.blocked    count   1  Unschedulable: 0/1 nodes are free
    2026-11-22T12:00:00Z  attempt.started    count   1  pod default/count-1-abc
    2026-11-22T12:00:00Z  log.gap            count   1  main: lines may be missing (a to b): rotated
    2026-11-22T12:00:00Z  attempt.finished   count   1  exit code 3
    2026-11-22T12:00:00Z  log.ended          count   1  main: 7 lines
    2026-11-22T12:00:00Z  log.ended          count   1  proxy: 1 line, not complete: the pod was gone
    2026-11-22T12:00:00Z  pod.deleted        count   1  pod default/count-1-abc
    2026-11-22T12:00:00Z  pod.unreachable    count   1  pod default/count-1-abc: node n has not ended the pod
    2026-11-22T12:00:00Z  attempt.finished   a-longer-name[eu]  12  succeeded
    2026-11-22T12:00:00Z  task.waiting       count               -  no worker
    2026-11-22T12:00:00Z  task.skipped       count               -  upstream_failed: a did not succeed
    2026-11-22T12:00:00Z  task.finished      count               -  failed: ?[31mexit code 3
    2026-11-22T12:00:00Z  run.paused         -                   -  by anna: the disk is full
    2026-11-22T12:00:00Z  run.resumed        -                   -
    2026-11-22T12:00:00Z  run.changed        -                   -  set word, count by anna: typo
    2026-11-22T12:00:00Z  task.cleared       count               -  by anna
    2026-11-22T12:00:00Z  run.finished       -                   -  failed: count failed: exit code 3
    "
  `);
  expect(new Set(TOLD.map(({ type }) => type))).toEqual(new Set(EVENT_TYPES));
});

test("events wide - with the id", async () => {
  expect(await rendered("wide", EVENTS.slice(0, 2))).toMatchInlineSnapshot(`
    "2026-11-22T12:00:00Z  run.started        -   -  id-1
    2026-11-22T12:00:00Z  attempt.created    count   1  id-2  pod default/count-1-abc
    "
  `);
});

test("events json - one CloudEvent a line", async () => {
  expect(await rendered("json", EVENTS.slice(0, 1))).toMatchInlineSnapshot(`
    "{"specversion":"1.0","id":"id-1","type":"dev.slipway.run.started","source":"/slipway/sample/nightly%201","time":"2026-11-22T12:00:00.5Z","datacontenttype":"application/json","seq":1,"dag":"sample","run":"nightly 1","chain":"c-1","data":{}}
    "
  `);
  expect(JSON.parse(await rendered("json", EVENTS.slice(11, 12)))).toMatchObject({ subject: "a-longer-name/3/12" });
});

test("events yaml, name - a document each, an id each", async () => {
  expect(await rendered("yaml", EVENTS.slice(1, 2))).toMatchInlineSnapshot(`
    "---
    specversion: "1.0"
    id: id-2
    type: dev.slipway.attempt.created
    source: /slipway/sample/nightly%201
    subject: count/-/1
    time: 2026-11-22T12:00:00.5Z
    datacontenttype: application/json
    seq: 2
    dag: sample
    run: nightly 1
    chain: c-1
    task: count
    attempt: 1
    data:
      pod:
        name: count-1-abc
        namespace: default
        uid: u
    "
  `);
  expect(await rendered("name", EVENTS.slice(0, 2))).toBe("id-1\nid-2\n");
});

test.each(EVENT_TYPES)("events - %s with a body of another shape is still one line", async (type) => {
  for (const data of [{}, { outcome: [1], pod: "p", lines: "x", message: 3, node: null, state: {} }]) {
    const printed = await rendered("table", [{ ...BASE, seq: 1, id: "i", type, data, time: "when?\n" }]);
    expect(printed).toMatch(/^when\? .*\n$/);
  }
});
