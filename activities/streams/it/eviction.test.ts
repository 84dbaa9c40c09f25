import { DiscardPolicy, jetstreamManager, type JetStreamManager } from "@nats-io/jetstream";
import { installationNames } from "@slipway/dag";
import { eventually } from "@slipway/testbed";
import { expect, inject, test } from "vitest";
import { readLog, type Streams } from "../src/index.ts";
import { aLog, anInstallation, collect, epoch, linesUpTo, numbered, short, SMALL } from "./installation.ts";

const { nats } = inject("slipway");
const at = { dag: "sample", run: "run-1" };

async function aStream(more: Parameters<typeof anInstallation>[1] = {}) {
  const streams = await anInstallation(nats.url, more);
  const jsm = await jetstreamManager(streams.nc);
  return { ...streams, jsm, stream: installationNames(streams.installation).logStream };
}

async function items({ nc, installation }: Streams): Promise<string[]> {
  return (await collect(readLog(nc, { installation, ...at }))).map(short);
}

async function lastFrame(jsm: JetStreamManager, stream: string) {
  const message = await jsm.streams.getMessage(stream, { last_by_subj: ">" });
  if (message === null) throw new Error("no frame");
  return { seq: message.seq, header: (name: string) => message.header.get(name) };
}

test("every frame of a log is gone when its next watcher comes: it goes on at the checkpoint, and says so", async () => {
  const world = await aStream();
  const ref = aLog(world.installation);
  const first = await world.logs.open(ref, epoch(1));
  for (let n = 1; n <= 5; n += 1) await first.write(numbered(n));
  await first.gap({ reason: "a test" });
  await first.close();
  const { checkpoint } = first;
  expect(checkpoint).toMatchObject({ line: 6, bytes: 35, gaps: 1, cursor: { time: numbered(5).time } });
  await world.jsm.streams.purge(world.stream);
  const second = await world.logs.open(ref, epoch(2), checkpoint);
  expect(second.position).toMatchObject({ kind: "resume", cursor: checkpoint.cursor, lines: 5, bytes: 35 });
  expect((await lastFrame(world.jsm, world.stream)).header("Slipway-Resumed")).toBe("true");
  await second.write(numbered(6));
  await second.end({ complete: true });
  expect(await items(world)).toEqual(["expired 1-5", "start", "6 line 6", "end 6 false"]);
});

test("a checkpoint is of no account where a frame is there", async () => {
  const world = await aStream();
  const ref = aLog(world.installation);
  const first = await world.logs.open(ref, epoch(1));
  const { checkpoint } = first;
  await first.write(numbered(1));
  await first.close();
  const second = await world.logs.open(ref, epoch(2), { ...checkpoint, line: 100 });
  await second.write(numbered(2));
  await second.end({ complete: true });
  expect(await items(world)).toEqual(["start", ...linesUpTo(2), "end 2 true"]);
});

test("a quiet log gets a frame without lines now and then, so that the stream keeps its cursor", async () => {
  const world = await aStream({ limits: { refreshMs: 200 } });
  const writer = await world.logs.open(aLog(world.installation), epoch(1));
  await writer.write(numbered(1));
  const seqs = new Set<number>();
  const refreshed = await eventually("two frames without lines", async () => {
    const frame = await lastFrame(world.jsm, world.stream);
    if (frame.header("Slipway-Lines") === "0" && frame.header("Slipway-Kind") === "lines") seqs.add(frame.seq);
    return seqs.size >= 2 ? frame : undefined;
  });
  expect(refreshed.header("Slipway-Cursor")).toContain(numbered(1).time);
  await writer.end({ complete: true });
  expect(await items(world)).toEqual(["start", ...linesUpTo(1), "end 1 true"]);
});

test("a stream deleted under its writers is made again, and the log goes on from memory", async () => {
  const world = await aStream();
  const ref = aLog(world.installation);
  const writer = await world.logs.open(ref, epoch(1));
  await writer.write(numbered(1));
  await eventually("it is in", () => writer.checkpoint.line === 2);
  await world.jsm.streams.delete(world.stream);
  await writer.write(numbered(2));
  expect(await writer.end({ complete: true })).toMatchObject({ lines: 2, complete: true });
  expect(await items(world)).toEqual(["expired 1-1", "2 line 2", "end 2 true"]);
});

test("streams deleted before a watcher or an event comes are made again as well", async () => {
  const world = await aStream();
  const { logStream, eventStream } = installationNames(world.installation);
  await Promise.all([logStream, eventStream].map((name) => world.jsm.streams.delete(name)));
  const { attempt } = aLog(world.installation);
  const event = { type: "attempt.created", ref: attempt, attempt: 1, time: "2026-11-22T10:00:00Z", data: {} } as const;
  await world.events.publish([event]);
  const writer = await world.logs.open(aLog(world.installation), epoch(1));
  await writer.write(numbered(1));
  await writer.end({ complete: true });
  expect(await items(world)).toEqual(["start", ...linesUpTo(1), "end 1 true"]);
});

test("a stream without room: the writer holds no more than its buffer, waits, and loses nothing", async () => {
  const world = await aStream({ limits: { bufferBytes: 10_000 } });
  const info = await world.jsm.streams.info(world.stream);
  const full = { ...info.config, discard: DiscardPolicy.New, max_bytes: 5_000 };
  await world.jsm.streams.update(world.stream, full);
  const writer = await world.logs.open(aLog(world.installation), epoch(1));
  let written = 0;
  const writing = (async () => {
    for (let n = 1; n <= 40; n += 1) {
      await writer.write(numbered(n, `${n} ${"x".repeat(990)}`));
      written = n;
    }
  })();
  await eventually("the buffer is full", () => written >= 9);
  await eventually("the server refuses", async () => {
    const { state } = await world.jsm.streams.info(world.stream);
    return state.messages >= 1 && written < 40;
  });
  await world.jsm.streams.update(world.stream, { ...full, max_bytes: SMALL.logs.bytes });
  await writing;
  expect(await writer.end({ complete: true })).toMatchObject({ lines: 40, complete: true });
  expect((await items(world)).filter((item) => /^\d/.test(item))).toHaveLength(40);
});
