import { jetstreamManager } from "@nats-io/jetstream";
import { installationNames } from "@slipway/dag";
import { expect, inject, test } from "vitest";
import { eventually } from "@slipway/testbed";
import { followLog, type LogItem, readLog } from "../src/index.ts";
import { aConnection, aLog, anInstallation, collect, epoch, linesUpTo, numbered, short } from "./installation.ts";

const { nats } = inject("slipway");
const at = { dag: "sample", run: "run-1" };
const one = { ...at, task: "passing-task", attempt: 1, container: "main" };

test("whenever a follower joins, it sees every line once and in order", async () => {
  const { installation, logs } = await anInstallation(nats.url);
  const writer = await logs.open(aLog(installation), epoch(1));
  const followers: Promise<LogItem[]>[] = [];
  for (let n = 1; n <= 400; n += 1) {
    await writer.write(numbered(n));
    if (n % 40 === 1) followers.push(collect(followLog(await aConnection(nats.url), { installation, ...one })));
    if (n % 9 === 0) await new Promise((done) => setTimeout(done, Math.random() * 30));
  }
  await writer.end({ complete: true });
  for (const items of await Promise.all(followers)) {
    expect(items.map(short)).toEqual(["start", ...linesUpTo(400), "end 400 true"]);
  }
});

test("a whole run: each container in order, and after `until` the rest is read and the reading ends", async () => {
  const { installation, logs } = await anInstallation(nats.url);
  const finished = Promise.withResolvers<void>();
  const nc = await aConnection(nats.url);
  const following = collect(followLog(nc, { installation, ...at }, { until: finished.promise }));
  const tasks = ["one", "two", "three"];
  await Promise.all(
    tasks.map(async (task) => {
      const writer = await logs.open(aLog(installation, { task, podUid: `pod-${task}` }), epoch(1));
      for (let n = 1; n <= 120; n += 1) {
        await writer.write(numbered(n));
        if (n % 11 === 0) await new Promise((done) => setTimeout(done, Math.random() * 20));
      }
      await writer.end({ complete: true });
    }),
  );
  finished.resolve();
  const items = await following;
  for (const task of tasks) {
    const own = items.filter((item) => item.task === task);
    expect(own.map(short)).toEqual(["start", ...linesUpTo(120), "end 120 true"]);
  }
  expect(items).toHaveLength(tasks.length * 122);
});

test("a reader that is slow loses nothing: what its inbox cannot hold is read from the stream", async () => {
  const { installation, logs } = await anInstallation(nats.url);
  const nc = await aConnection(nats.url);
  const writer = await logs.open(aLog(installation), epoch(1));
  const wide = "x".repeat(60_000);
  const lines: number[] = [];
  for await (const item of followLog(nc, { installation, ...one })) {
    if (item.kind === "start") {
      for (let n = 1; n <= 150; n += 1) await writer.write(numbered(n, wide));
      await writer.end({ complete: true });
    }
    if (item.kind === "line") lines.push(item.line);
  }
  expect(lines).toEqual(Array.from({ length: 150 }, (_, n) => n + 1));
});

test("messages that somebody publishes on the public side are not read", async () => {
  const { installation, logs } = await anInstallation(nats.url);
  const nc = await aConnection(nats.url);
  const seen: string[] = [];
  const following = (async () => {
    for await (const item of followLog(nc, { installation, ...one })) seen.push(short(item));
  })();
  const writer = await logs.open(aLog(installation), epoch(1));
  await eventually("the follower listens", () => seen.length === 1);
  nc.publish(`${installation}.log.sample.run-1.passing-task.-.1.main`, "forged");
  await writer.write(numbered(1));
  await writer.end({ complete: true });
  await following;
  expect(seen).toEqual(["start", "1 line 1", "end 1 true"]);
});

test("a signal ends a follower at once, and nothing is left of it", async () => {
  const { installation } = await anInstallation(nats.url);
  const nc = await aConnection(nats.url);
  const stop = new AbortController();
  const following = collect(followLog(nc, { installation, ...at }, { signal: stop.signal }));
  await eventually("it has subscribed", () => nc.stats().outMsgs > 1);
  stop.abort();
  expect(await following).toEqual([]);
  expect(await collect(readLog(nc, { installation, ...at }))).toEqual([]);
});

test("a stream that is deleted and made again: a follower goes on, and tells no line twice", async () => {
  const { installation, logs, nc } = await anInstallation(nats.url);
  const jsm = await jetstreamManager(nc);
  const seen: string[] = [];
  const following = (async () => {
    for await (const item of followLog(await aConnection(nats.url), { installation, ...one })) seen.push(short(item));
  })();
  const writer = await logs.open(aLog(installation), epoch(1));
  for (let n = 1; n <= 30; n += 1) {
    await writer.write(numbered(n));
    if (n % 5 === 0) await eventually(`line ${n} is told`, () => seen.includes(`${n} line ${n}`));
  }
  await jsm.streams.delete(installationNames(installation).logStream);
  for (let n = 31; n <= 50; n += 1) await writer.write(numbered(n));
  await writer.end({ complete: true });
  await following;
  expect(seen).toEqual(["start", ...linesUpTo(50), "end 50 true"]);
});
