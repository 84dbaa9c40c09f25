import type { Given, JsonObject, Outcome } from "@slipway/dag";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withGiven, withOutputs } from "./attempt-outputs.ts";
import type { Cluster } from "./cluster.ts";
import { parsePod } from "./pod-view.ts";
import { ApiDouble } from "./testing/api-double.ts";
import { aSpec, NODE, statusOf, terminated } from "./testing/pods.ts";
import { outcomeOf } from "./verdict.ts";

let double: ApiDouble;
let cluster: Cluster;
beforeEach(async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  double = await ApiDouble.start();
  double.put({ metadata });
  cluster = double.connect();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await cluster.close();
  await double.close();
});

const metadata = {
  name: "p",
  namespace: "ns",
  uid: "u",
  resourceVersion: "1",
  creationTimestamp: "2026-11-22T10:00:00Z",
};

async function read(
  outputs: JsonObject,
  main: JsonObject,
  logEnd?: { lines: number; bytes: number; complete: boolean },
) {
  const declared = Object.entries(outputs).map(
    ([name, schema]) => [name, { from: "message", ...Object(schema) }] as const,
  );
  const specs = declared.map(([name, { from, ...schema }]) => [name, { from, schema }] as const);
  const spec = aSpec({ outputs: Object.fromEntries(specs) });
  const view = parsePod({ metadata, spec: { nodeName: NODE }, status: statusOf(main) });
  const verdict = outcomeOf(view, spec, Date.parse("2026-11-22T10:00:10Z"));
  if (verdict.kind !== "ended") throw new Error(verdict.kind);
  const { signal } = new AbortController();
  return await withOutputs(verdict.outcome, spec, { cluster, view, logEnd, signal });
}

/** What the kubelet answers: these lines, stamped; with `tailLines` the last of them. */
function says(lines: readonly string[]): void {
  double.onLog = (query, answer) => {
    const tail = Number(query.get("tailLines") ?? lines.length);
    for (const line of lines.slice(-tail)) answer.write(`2026-11-22T10:00:03.000000001Z ${line}\n`);
    answer.end();
  };
}
const logRequests = () => double.requests.filter((line) => line.includes("/log?"));

test("outputs from the message need no log; times and evidence of the end stay", async () => {
  const good = await read({ rows: { type: "integer" } }, terminated(0, { message: '{"rows":3}' }));
  expect(good).toMatchObject({ outcome: { kind: "succeeded" }, outputs: { rows: 3 } });
  expect(await read({ rows: {} }, terminated(0))).toEqual({
    outcome: {
      kind: "output",
      message: "output rows: nothing was written to $SLIPWAY_OUTPUTS",
      startedAt: "2026-11-22T10:00:02Z",
      finishedAt: "2026-11-22T10:00:05Z",
    },
  });
  expect(logRequests()).toEqual([]);
});

test("a log that is larger than it may be gives no value, nor one that was rotated or is not complete", async () => {
  const all = { all: { type: "string", from: "stdout" } };
  says(["b", "c"]);
  expect(await read(all, terminated(0), { lines: 2, bytes: 4, complete: true })).toMatchObject({
    outputs: { all: "b\nc" },
  });
  says(Array.from({ length: 300 }, () => "x".repeat(1_000)));
  const large = await read(all, terminated(0), { lines: 9, bytes: 300_000, complete: true });
  expect(large.outcome.message).toBe("output all: the log is larger than 256 KB");
  says(["b", "c"]);
  const rotated = await read(all, terminated(0), { lines: 3, bytes: 6, complete: true });
  expect(rotated.outcome.message).toBe("output all: the log is not whole any more: its node has rotated it");
  const holed = await read(all, terminated(0), { lines: 2, bytes: 4, complete: false });
  expect(holed.outcome.message).toBe("output all: the log is not complete: parts are missing");
});

test("the last line is read from the end; where the answer may begin inside it, the whole log is read", async () => {
  const last = { last: { type: "string", from: "lastLine" } };
  says(["a", "b", ...Array.from({ length: 998 }, () => " "), "c", ""]);
  expect(await read(last, terminated(0), { lines: 1002, bytes: 2000, complete: true })).toMatchObject({
    outputs: { last: "c" },
  });
  expect(logRequests()).toHaveLength(1);
  says(["a", "b", ...Array.from({ length: 999 }, () => "")]);
  expect(await read(last, terminated(0), { lines: 1001, bytes: 2000, complete: true })).toMatchObject({
    outputs: { last: "b" },
  });
  expect(logRequests()).toHaveLength(3);
});

test("reading that breaks is tried again; a pod that is gone is told", async () => {
  const all = { all: { type: "string", from: "stdout" } };
  says(["x"]);
  double.faults.push({ match: /\/log\?/, status: 503 });
  expect(await read(all, terminated(0))).toMatchObject({ outputs: { all: "x" } });
  double.faults.push({ match: /\/log\?/, status: 404, reason: "NotFound" });
  expect((await read(all, terminated(0))).outcome.message).toBe(
    "output all: the log cannot be read: the pod was deleted first",
  );
});

test("an attempt that others ended has no outputs; a failure has those that fit", async () => {
  const rows = { rows: { type: "integer" }, more: { type: "integer" } };
  const message = '{"rows":3,"more":"x"}';
  expect(await read(rows, terminated(3, { message }))).toMatchObject({
    outcome: { kind: "exit" },
    outputs: { rows: 3 },
  });
  const lost = await read(rows, terminated(137, { message, reason: "ContainerStatusUnknown" }));
  expect(lost).toMatchObject({ outcome: { kind: "lost" } });
  expect(lost.outputs).toBeUndefined();
});

const GOOD: Outcome = { kind: "succeeded", message: "succeeded" };

test.each<[string, Given, Awaited<ReturnType<typeof withGiven>>]>([
  ["stand beside the others", { kind: "values", values: { b: 2 } }, { outcome: GOOD, outputs: { a: 1, b: 2 } }],
  [
    "that cannot be had make a good end a failure",
    { kind: "broken", why: "b has no value" },
    { outcome: { kind: "output", message: "b has no value" }, outputs: { a: 1 } },
  ],
  [
    "that are too much do so too",
    { kind: "values", values: { b: "x".repeat(300_000) } },
    {
      outcome: { kind: "output", message: "the outputs of the task together are larger than 256 KB" },
      outputs: { a: 1 },
    },
  ],
])("outputs - values %s", async (_, given, ended) => {
  expect(await withGiven({ outcome: GOOD, outputs: { a: 1 } }, async () => given)).toEqual(ended);
});

test("outputs - values of an attempt that failed are not evaluated", async () => {
  const failed: Outcome = { kind: "exit", exitCode: 3, message: "exit code 3" };
  const never = async () => await Promise.reject(new Error("asked"));
  expect(await withGiven({ outcome: failed }, never)).toEqual({ outcome: failed });
});
