/** From a line, a time, the last lines on: as reading everything and leaving out the rest, at a bounded cost. */
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { headers } from "@nats-io/nats-core";
import { installationNames, logFilter, logSubject } from "@slipway/dag";
import { eventually } from "@slipway/testbed";
import fc from "fast-check";
import { expect, inject, test } from "vitest";
import { encodeFrame } from "../src/frame-encode.ts";
import { followLog, type LogItem, type LogView, readLog, type Streams } from "../src/index.ts";
import { finderOf } from "../src/finder.ts";
import { logStart } from "../src/log-start.ts";
import { LogTail } from "../src/log-tail.ts";
import { shownItem } from "../src/log-view.ts";
import { aConnection, aLog, anInstallation, collect, epoch, numbered, short } from "./installation.ts";
import { aHistory, framesOf, longLog, type Stored, timeAt, wideRun } from "./log-histories.ts";

const { nats } = inject("slipway");
const at = { dag: "sample", run: "run-1" };
const one = { ...at, task: "passing-task", attempt: 1, container: "main" };

/** Stores frames as they are; resolves with their sequences. */
async function put({ installation, nc }: Streams, frames: Iterable<Stored>): Promise<readonly number[]> {
  const js = jetstream(nc);
  const seqs: number[] = [];
  for (const some of chunksOf(500, frames)) {
    const acks = some.map(({ ref, container, frame }) => {
      const { headers: fields, body } = encodeFrame(frame);
      const sent = headers();
      for (const [name, value] of fields) sent.append(name, value);
      return js.publish(logSubject({ ...ref, installation }, container, "inner"), body, { headers: sent });
    });
    for (const { seq } of await Promise.all(acks)) seqs.push(seq);
  }
  return seqs;
}

function* chunksOf<T>(size: number, items: Iterable<T>): Generator<readonly T[]> {
  const all = [...items];
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}

/** Forgets everything before a message. */
async function forget({ installation, nc }: Streams, seq: number): Promise<void> {
  await (await jetstreamManager(nc)).streams.purge(installationNames(installation).logStream, { seq });
}

/** What is left of all that there is. */
function partOf(all: readonly LogItem[], view: LogView): readonly LogItem[] {
  const tail = new LogTail(view.tail);
  const passed = all.flatMap((item) => {
    const shown = shownItem(item, view);
    return shown === undefined ? [] : tail.accept(shown);
  });
  return [...passed, ...tail.open()];
}

const aView: fc.Arbitrary<LogView> = fc.record(
  {
    fromLine: fc.integer({ min: 1, max: 25 }),
    since: fc.nat(45).map((tick) => new Date(timeAt(tick, 0))),
    tail: fc.nat(30),
    matches: fc.constant((text: string) => /[1357]/.test(text)),
  },
  { requiredKeys: [] },
);

test("any history, any view: what is read is the whole, with the rest left out", async () => {
  const streams = await anInstallation(nats.url);
  const { installation, nc } = streams;
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(aHistory, fc.array(aView, { minLength: 12, maxLength: 12 }), async (history, views) => {
      const run = `run-${(runs += 1)}`;
      const seqs = await put(streams, framesOf(history, run));
      const kept = history.lost === undefined ? undefined : seqs[Math.floor(seqs.length * history.lost)];
      if (kept !== undefined) await forget(streams, kept);
      const which = { installation, dag: "sample", run, attempt: "all", chain: "new" } as const;
      const all = await collect(readLog(nc, which));
      for (const view of views) expect(await collect(readLog(nc, { ...which, ...view }))).toEqual(partOf(all, view));
    }),
    { numRuns: 25, endOnFailure: true },
  );
});

/** Frames of a long log, ten lines each. */
const LONG = 5_000;

test("the end of a long log costs a bounded number of requests", async () => {
  const streams = await anInstallation(nats.url);
  const { installation } = streams;
  await put(streams, longLog("run-1", LONG));
  const nc = await aConnection(nats.url);
  const asked = async (view: LogView): Promise<{ requests: number; bytes: number; lines: readonly number[] }> => {
    const before = nc.stats();
    const items = await collect(readLog(nc, { installation, ...one, ...view }));
    const after = nc.stats();
    const lines = items.flatMap((item) => (item.kind === "line" ? [item.line] : []));
    return { requests: after.outMsgs - before.outMsgs, bytes: after.inBytes - before.inBytes, lines };
  };
  const all = await asked({});
  expect(all.lines).toEqual(Array.from({ length: LONG * 10 }, (_, n) => n + 1));
  const views: readonly [LogView, number][] = [
    [{ tail: 10 }, 10],
    [{ tail: 1_000 }, 1_000],
    [{ tail: 0 }, 0],
    [{ fromLine: LONG * 10 - 99 }, 100],
    [{ fromLine: LONG * 5 }, LONG * 5 + 1],
    [{ fromLine: LONG * 10 + 1 }, 0],
    [{ since: new Date(Date.now() + 120_000) }, 0],
    [{ tail: 3, matches: (text) => text.endsWith("00") }, 3],
  ];
  for (const [view, count] of views) {
    const { lines, requests, bytes } = await asked(view);
    expect(lines).toEqual(view.matches ? [49_800, 49_900, 50_000] : all.lines.slice(all.lines.length - count));
    if (count > 1_000) continue;
    expect({ view, few: requests <= 60 && bytes < all.bytes / 5 }, `${requests} ${bytes}`).toEqual({ view, few: true });
  }
});

test("the last lines of a run with 2,000 tasks cost a bounded number of requests", async () => {
  const streams = await anInstallation(nats.url);
  const { installation } = streams;
  const tasks = 2_000;
  await put(streams, wideRun("run-1", tasks));
  const nc = await aConnection(nats.url);
  const before = nc.stats().outMsgs;
  const items = await collect(readLog(nc, { installation, ...at, tail: 10 }));
  expect(nc.stats().outMsgs - before).toBeLessThanOrEqual(60);
  const ends = items.flatMap((item) => (item.kind === "end" ? [item.pod] : []));
  expect(ends.slice(-2)).toEqual([`pod-${tasks - 1}`, `pod-${tasks}`]);
  expect(items.filter(({ kind }) => kind === "line")).toHaveLength(10);
  const fifth = await collect(readLog(nc, { installation, ...at, fromLine: 5 }));
  expect(fifth.filter(({ kind }) => kind === "line")).toHaveLength(tasks);
});

test("since - read from where the stream stood then, less what clocks may differ", async () => {
  const streams = await anInstallation(nats.url);
  const { installation, nc } = streams;
  await put(streams, longLog("run-1", 20));
  const filter = logFilter({ installation, ...at });
  const finder = await finderOf(nc, installationNames(installation).logStream);
  const last = await finder.last(filter);
  const since = new Date(Date.parse(last?.time ?? "") + 1);
  await eventually("the clock goes on", () => Date.now() > since.getTime());
  const [next = 0] = await put(streams, longLog("run-1", 1));
  const newest = (await finder.last(filter))?.seq ?? 0;
  const choice = { wants: () => true };
  expect(await logStart({ finder, filter, choice, newest }, { since }, 0)).toBe(next);
  expect(await logStart({ finder, filter, choice, newest }, { since }, 60_000)).toBe(1);
});

test("whenever a follower joins, and wherever it begins: each line once and in order", async () => {
  const { installation, logs } = await anInstallation(nats.url);
  const writer = await logs.open(aLog(installation), epoch(1));
  const followers: { readonly view: LogView; readonly joined: number; readonly items: Promise<LogItem[]> }[] = [];
  for (let n = 1; n <= 400; n += 1) {
    await writer.write(numbered(n));
    if (n % 40 === 1) {
      const view = { ...(n % 80 === 1 ? { tail: n % 7 } : {}), ...(n % 120 === 1 ? { fromLine: 150 } : {}) };
      const nc = await aConnection(nats.url);
      followers.push({ view, joined: n, items: collect(followLog(nc, { installation, ...one, ...view })) });
    }
    if (n % 9 === 0) await new Promise((done) => setTimeout(done, Math.random() * 30));
  }
  await writer.end({ complete: true });
  for (const { view, items } of followers) {
    const lines = (await items).flatMap((item) => (item.kind === "line" ? [item.line] : []));
    const [first = 401] = lines;
    expect(lines).toEqual(Array.from({ length: 401 - first }, (_, n) => first + n));
    if (view.tail === undefined) expect(first).toBe(view.fromLine ?? 1);
    expect((await items).at(-1)).toMatchObject({ kind: "end", lines: 400 });
  }
});

test("a follower of what comes, where all is over, ends at once", async () => {
  const { installation, logs, nc } = await anInstallation(nats.url);
  const writer = await logs.open(aLog(installation), epoch(1));
  for (let n = 1; n <= 30; n += 1) await writer.write(numbered(n));
  await writer.end({ complete: true });
  const follow = async (view: LogView) => (await collect(followLog(nc, { installation, ...one, ...view }))).map(short);
  expect(await follow({ tail: 0 })).toEqual(["end 30 true"]);
  expect(await follow({ tail: 1 })).toEqual(["30 line 30", "end 30 true"]);
  expect(await follow({ fromLine: 1_000 })).toEqual([]);
  expect(await follow({ since: new Date(Date.now() + 120_000) })).toEqual([]);
});

test("any number of viewers: all see everything, and the server keeps nothing for them", async () => {
  const { installation, logs, nc } = await anInstallation(nats.url);
  const jsm = await jetstreamManager(nc);
  const viewer = await aConnection(nats.url);
  const writer = await logs.open(aLog(installation), epoch(1));
  const views: readonly LogView[] = [{}, { tail: 0 }, { tail: 3 }, { fromLine: 5 }, { since: new Date(0) }];
  const viewers = Array.from({ length: 100 }, (_, n) =>
    collect(followLog(viewer, { installation, ...one, ...views[n % views.length] })),
  );
  for (let n = 1; n <= 200; n += 1) {
    await writer.write(numbered(n));
    if (n % 20 === 0) await new Promise((done) => setTimeout(done, 20));
  }
  const { state } = await jsm.streams.info(installationNames(installation).logStream);
  expect(state.consumer_count).toBe(0);
  await writer.end({ complete: true });
  for (const items of await Promise.all(viewers)) {
    expect(items.at(-1)).toMatchObject({ kind: "end", lines: 200 });
    const lines = items.flatMap((item) => (item.kind === "line" ? [item.line] : []));
    expect(lines).toEqual(Array.from({ length: lines.length }, (_, n) => 201 - lines.length + n));
  }
});
