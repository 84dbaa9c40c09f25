import { installationNames, logSubject, LogFenced } from "@slipway/dag";
import { jetstreamManager } from "@nats-io/jetstream";
import { expect, inject, onTestFinished, test } from "vitest";
import { eventually } from "@slipway/testbed";
import { readLog } from "../src/index.ts";
import {
  aConnection,
  aLog,
  anInstallation,
  collect,
  epoch,
  faultySink,
  linesUpTo,
  numbered,
  short,
  subscriber,
} from "./installation.ts";
import { OwnNats } from "./nats-server.ts";

const { binaries, nats } = inject("slipway");
const at = { dag: "sample", run: "run-1" };

test("a plain subscriber sees each line once, although most frames were sent twice", async () => {
  const { installation, nc } = await anInstallation(nats.url);
  const seen = await subscriber(await aConnection(nats.url), `${installation}.log.>`);
  const inner = await subscriber(await aConnection(nats.url), `${installation}.in.log.>`);
  const sink = await faultySink(nc, installation, (n) => (n % 3 === 0 ? "ack" : "lost"));
  const writer = await sink.open(aLog(installation), epoch(1));
  for (let n = 1; n <= 300; n += 1) {
    await writer.write(numbered(n));
    if (n % 20 === 0) await new Promise((done) => setTimeout(done, 110));
  }
  expect(await writer.end({ complete: true })).toMatchObject({ lines: 300, complete: true });
  const lines = Array.from({ length: 300 }, (_, n) => `line ${n + 1}`);
  await eventually("the last line arrives", () => seen().length >= 300);
  expect(seen()).toEqual(lines);
  expect(inner().length).toBeGreaterThan(300);
  const items = await collect(readLog(nc, { installation, ...at }));
  expect(items.map(short)).toEqual(["start", ...linesUpTo(300), "end 300 true"]);
});

test("the next watcher goes on where the last one stopped, and numbers on", async () => {
  const { installation, nc, logs } = await anInstallation(nats.url);
  const ref = aLog(installation);
  const first = await logs.open(ref, epoch(1));
  expect(first.position).toEqual({ kind: "fresh" });
  for (let n = 1; n <= 5; n += 1) await first.write(numbered(n));
  await first.close();
  const second = await logs.open(ref, epoch(2));
  expect(second.position).toMatchObject({ kind: "resume", cursor: { time: numbered(5).time, seen: 5 } });
  for (let n = 6; n <= 8; n += 1) await second.write(numbered(n));
  await second.close();
  const release = await logs.open(ref, epoch(1, 1));
  await release.write(numbered(9));
  expect(await release.end({ complete: true })).toEqual({ lines: 9, bytes: 9 * 7, complete: true });
  const late = await logs.open(ref, epoch(2, 1));
  expect(late.position).toEqual({ kind: "ended", end: { lines: 9, bytes: 63, complete: true } });
  expect(await late.end({ complete: false, reason: "again" })).toEqual({ lines: 9, bytes: 63, complete: true });
  const items = await collect(readLog(nc, { installation, ...at, task: "passing-task" }));
  expect(items.map(short)).toEqual(["start", ...linesUpTo(9), "end 9 true"]);
});

test("a fenced watcher publishes nothing, and subscribers see nothing of it", async () => {
  const { installation, logs } = await anInstallation(nats.url);
  const seen = await subscriber(await aConnection(nats.url), `${installation}.log.>`);
  const ref = aLog(installation);
  const old = await logs.open(ref, epoch(1));
  await old.write(numbered(1));
  await eventually("the old watcher's line", () => seen().length === 1);
  const young = await logs.open(ref, epoch(1, 0, 1));
  await young.write(numbered(2));
  await eventually("the young watcher's line", () => seen().length === 2);
  await old.write(numbered(2, "zombie")).catch(() => {});
  await expect(old.gap({ reason: "zombie" })).rejects.toThrow(LogFenced);
  await expect(old.write(numbered(3, "zombie"))).rejects.toThrow(LogFenced);
  await expect(old.end({ complete: true })).rejects.toThrow(LogFenced);
  await expect(old.close()).rejects.toThrow(LogFenced);
  await expect(logs.open(ref, epoch(9))).rejects.toThrow(LogFenced);
  await young.write(numbered(3));
  await young.end({ complete: true });
  await eventually("the third line", () => seen().length >= 3);
  expect(seen()).toEqual(["line 1", "line 2", "line 3"]);
});

test("two watchers at once: the later one skips what the earlier one has put in, and every line is there once", async () => {
  const { installation, nc, logs } = await anInstallation(nats.url);
  const ref = aLog(installation);
  const earlier = await logs.open(ref, epoch(1));
  const later = await logs.open(ref, epoch(2));
  const run = async (writer: typeof earlier, pause: number) => {
    for (let n = 1; n <= 60; n += 1) {
      await writer.write(numbered(n));
      if (n % 7 === 0) await new Promise((done) => setTimeout(done, pause));
    }
    await writer.end({ complete: true });
  };
  const ends = await Promise.allSettled([run(earlier, 40), run(later, 70)]);
  expect(ends.some(({ status }) => status === "fulfilled")).toBe(true);
  const items = await collect(readLog(nc, { installation, ...at }));
  expect(items.map(short)).toEqual(["start", ...linesUpTo(60), "end 60 true"]);
});

test("a line of 1 MB goes in parts and comes back whole, also where the watcher changes in its middle", async () => {
  const { installation, nc, logs } = await anInstallation(nats.url);
  const ref = aLog(installation);
  const long = numbered(2, "aé€😀".repeat(100_000));
  const dying = await faultySink(nc, installation, (n) => (n <= 6 ? "ack" : "dies"));
  const first = await dying.open(ref, epoch(1));
  await first.write(numbered(1));
  await first.write(long);
  await expect(first.end({ complete: true })).rejects.toThrow("closed");
  const second = await logs.open(ref, epoch(2));
  await second.write(long);
  await second.write(numbered(3));
  await second.end({ complete: true });
  const items = await collect(readLog(nc, { installation, ...at }));
  expect(items.map((item) => (item.kind === "line" ? [item.line, item.cut, item.text.length] : item.kind))).toEqual([
    "start",
    [1, undefined, 6],
    [2, undefined, long.text.length],
    [3, undefined, 6],
    "end",
  ]);
  expect(items.find((item) => item.kind === "line" && item.line === 2)).toMatchObject({ text: long.text });
});

test("another pod of the same attempt opens a life of its own; the first one is fenced off for good", async () => {
  const { installation, nc, logs } = await anInstallation(nats.url);
  const lost = await logs.open(aLog(installation), epoch(5));
  await lost.write(numbered(1, "from the lost pod"));
  await eventually("it is in", async () => (await collect(readLog(nc, { installation, ...at }))).length === 2);
  const next = await logs.open(aLog(installation, { podUid: "pod-2" }), epoch(1));
  expect(next.position).toEqual({ kind: "fresh" });
  await next.write(numbered(1));
  await next.end({ complete: true });
  await lost.write(numbered(2));
  await expect(lost.end({ complete: true })).rejects.toThrow(LogFenced);
  await expect(logs.open(aLog(installation), epoch(9))).rejects.toThrow(LogFenced);
  const items = await collect(readLog(nc, { installation, ...at }));
  expect(items.map(short)).toEqual(["start", "1 from the lost pod", "start", "1 line 1", "end 1 true"]);
});

test("what the stream no longer keeps is said, and a writer whose every frame is gone goes on", async () => {
  const { installation, nc, logs } = await anInstallation(nats.url);
  const jsm = await jetstreamManager(nc);
  const writer = await logs.open(aLog(installation), epoch(1));
  for (let n = 1; n <= 3; n += 1) await writer.write(numbered(n));
  await eventually("they are in", async () => (await collect(readLog(nc, { installation, ...at }))).length === 4);
  await jsm.streams.purge(installationNames(installation).logStream);
  await writer.write(numbered(4));
  await writer.end({ complete: true });
  const items = await collect(readLog(nc, { installation, ...at }));
  expect(items.map(short)).toEqual(["expired 1-3", "4 line 4", "end 4 true"]);
});

test("attempts: the last one unless told, of the run's own chain", async () => {
  const { installation, nc, logs } = await anInstallation(nats.url);
  const put = async (attempt: number, chain: string) => {
    const log = aLog(installation);
    const ref = {
      ...log,
      podUid: `${chain}-${attempt}`,
      attempt: { ...log.attempt, attempt, chain: { ...log.attempt.chain, firstExecutionRunId: chain } },
    };
    const writer = await logs.open(ref, epoch(1));
    await writer.write(numbered(1, `${chain} ${attempt}`));
    await writer.end({ complete: true });
  };
  for (const attempt of [1, 2, 3]) await put(attempt, "old");
  for (const attempt of [1, 2]) await put(attempt, "new");
  const texts = async (more: object) =>
    (await collect(readLog(nc, { installation, ...at, ...more }))).flatMap((item) =>
      item.kind === "line" ? [item.text] : [],
    );
  expect(await texts({})).toEqual(["new 2"]);
  expect(await texts({ attempt: 1 })).toEqual(["new 1"]);
  expect(await texts({ attempt: "all" })).toEqual(["new 1", "new 2"]);
  expect(await texts({ chain: "old" })).toEqual(["old 3"]);
  expect(await texts({ chain: "old", attempt: 2, task: "passing-task" })).toEqual(["old 2"]);
  expect(await texts({ task: "none" })).toEqual([]);
});

test("two watchers of one epoch cannot both write", async () => {
  const { installation, nc, logs } = await anInstallation(nats.url);
  const first = await logs.open(aLog(installation), epoch(1));
  const second = await logs.open(aLog(installation), epoch(1));
  await first.write(numbered(1));
  expect(await first.end({ complete: true })).toMatchObject({ lines: 1 });
  expect(await second.end({ complete: true })).toMatchObject({ lines: 1 });
  const [third, fourth] = [aLog(installation, { podUid: "pod-2" }), aLog(installation, { podUid: "pod-2" })];
  const one = await logs.open(third, epoch(1));
  const other = await logs.open(fourth, epoch(1));
  await one.write(numbered(1));
  await one.close();
  await other.write(numbered(1));
  await expect(other.close()).rejects.toThrow(LogFenced);
  const items = await collect(readLog(nc, { installation, ...at }));
  expect(items.map(short)).toEqual(["start", "1 line 1", "end 1 true", "start", "1 line 1"]);
});

test("a container that is restarted has a log for each life", async () => {
  const { installation, nc, logs } = await anInstallation(nats.url);
  for (const restart of [0, 1]) {
    const writer = await logs.open(aLog(installation, { restart }), epoch(1));
    expect(writer.position).toEqual({ kind: "fresh" });
    await writer.write(numbered(1, `life ${restart}`));
    await writer.end({ complete: true });
  }
  await expect(logs.open(aLog(installation), epoch(1))).rejects.toThrow(LogFenced);
  const items = await collect(readLog(nc, { installation, ...at }));
  expect(items.map(short)).toEqual(["start", "1 life 0", "end 1 true", "start", "1 life 1", "end 1 true"]);
});

test("a server that allows small messages gets small frames", async () => {
  const server = await OwnNats.start(binaries.natsServer, ["-c", new URL("small.conf", import.meta.url).pathname]);
  onTestFinished(() => server.close());
  const { installation, nc, logs } = await anInstallation(server.url);
  const writer = await logs.open(aLog(installation), epoch(1));
  const text = "x".repeat(100_000);
  await writer.write(numbered(1, text));
  await writer.end({ complete: true });
  const items = await collect(readLog(nc, { installation, ...at }));
  expect(items[1]).toMatchObject({ kind: "line", text });
});

test("one container's log does not disturb another's", async () => {
  const { installation, nc, logs } = await anInstallation(nats.url);
  const containers = ["main", "sidecar", "init-0"];
  await Promise.all(
    containers.map(async (container) => {
      const writer = await logs.open(aLog(installation, { container }), epoch(1));
      for (let n = 1; n <= 50; n += 1) await writer.write(numbered(n));
      await writer.end({ complete: true });
    }),
  );
  for (const container of containers) {
    const items = await collect(readLog(nc, { installation, ...at, container }));
    expect(items.map(short)).toEqual(["start", ...linesUpTo(50), "end 50 true"]);
  }
  expect(logSubject(aLog(installation).attempt, "main")).toContain(".passing-task.-.1.main");
});
